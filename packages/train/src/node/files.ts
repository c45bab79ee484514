// Writing files so that nothing is lost, followed or left behind, and that what the system refuses is said with its way out.
import { createHash } from "node:crypto";
import { closeSync, fsyncSync, ftruncateSync, linkSync, lstatSync, mkdirSync, openSync, renameSync, statSync, unlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { LlrError } from "@llr/tensor";

/** A file or folder cannot be written. */
export class FileError extends LlrError {
  readonly path: string;
  /** The system's name for what is wrong, such as "ENOSPC". */
  readonly errno: string;

  constructor(path: string, cause: unknown) {
    const { code = "unknown", message = String(cause) } = cause as NodeJS.ErrnoException;
    const [problem, wayOut] = PROBLEMS[code] ?? [message, "Choose another path."];
    super("LLR_FILE", `${path === "" ? '""' : path}: it cannot be written: ${problem} (${code}). ${wayOut}`, { cause });
    this.path = path;
    this.errno = code;
  }
}

const NO_RIGHTS = "Choose a path that you may write to, or change its rights.";
const NOT_ON_DISK = "Choose another path.";
const PROBLEMS: Readonly<Record<string, readonly [problem: string, wayOut: string]>> = {
  ENOSPC: ["there is no space left on the disk", "Free some, or choose a path on another disk."],
  EDQUOT: ["the disk quota is used up", "Free some space, or choose a path on another disk."],
  EFBIG: ["the file would be larger than is allowed", "Choose a path on another disk, or raise the limit."],
  EACCES: ["permission denied", NO_RIGHTS],
  EPERM: ["the operation is not permitted", NO_RIGHTS],
  EROFS: ["the file system is read-only", "Choose a path on another one."],
  ENOENT: ["its folder does not exist", "Make the folder, or choose another path."],
  ENOTDIR: ["a part of the path is not a folder", NOT_ON_DISK],
  EEXIST: ["it exists already", "Choose another path; nothing is overwritten."],
  EFTYPE: ["it is no regular file, but a device, pipe or socket", NOT_ON_DISK],
  EISDIR: ["it is a folder", NOT_ON_DISK],
  ELOOP: ["its symbolic links lead in a circle", NOT_ON_DISK],
  ENAMETOOLONG: ["the name is too long", "Choose a shorter path."],
  EMFILE: ["too many files are open", "Raise the limit (ulimit -n)."],
  ENFILE: ["too many files are open on this machine", "End other programs."],
  EIO: ["the device reports an error", "Choose a path on another disk."],
};

/** @throws FileError in place of what the system says */
function naming<R>(path: string, run: () => R): R {
  try {
    return run();
  } catch (error) {
    throw error instanceof FileError ? error : new FileError(path, error);
  }
}

/**
 * Makes a folder and those above it. In contrast to `mkdirSync(..., { recursive: true })` it ends on /proc, too.
 *
 * @returns false if the folder was there already
 * @throws FileError
 */
export function makeFolder(path: string): boolean {
  return naming(path, () => {
    if (isFolder(path)) return false;
    const parent = dirname(path);
    if (path !== "" && parent !== path) makeFolder(parent);
    try {
      mkdirSync(path);
      return true;
    } catch (error) {
      if (isFolder(path)) return false; // somebody was faster
      // "Exists already" would be true, and no help.
      throw (error as NodeJS.ErrnoException).code === "EEXIST" ? Object.assign(new Error("not a folder", { cause: error }), { code: "ENOTDIR" }) : error;
    }
  });
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** A file that is written from its start to its end, like a log. */
export interface GrowingFile {
  /** Appends all of the text or, on an error, nothing of it: a line is never cut in its middle. */
  append(text: string): void;
  /** SHA-256 of what was written so far, in hexadecimal digits. */
  sha256(): string;
  close(): void;
}

/**
 * Makes a file that must not exist, not even as a symbolic link.
 *
 * @throws FileError, also from `append`
 */
export function createFile(path: string): GrowingFile {
  const file = naming(path, () => openSync(path, "wx"));
  const hash = createHash("sha256");
  let length = 0;
  return {
    append: (text) =>
      naming(path, () => {
        try {
          length += writeAll(file, text, length);
          hash.update(text);
        } catch (error) {
          ftruncateSync(file, length);
          throw error;
        }
      }),
    sha256: () => hash.copy().digest("hex"),
    close: () => naming(path, () => closeSync(file)),
  };
}

/** The system may take less than it is given, as on a disk that is nearly full: only the next call says why. @returns bytes */
function writeAll(file: number, text: string, position: number): number {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, position + done);
  return bytes.length;
}

/**
 * Writes a file that is never seen half-written: beside its place, flushed to the disk, and renamed. What stood in its place
 * is replaced; a symbolic link there is not followed.
 *
 * @throws FileError; nothing is left behind, and what stood there still does. A folder, device, pipe or socket is refused
 */
export function writeWhole(path: string, text: string): void {
  refuseIrregular(path);
  throughPartial(path, text, (partial) => renameSync(partial, path));
}

/** A rename would put a file in the place of a device: /dev/null would be gone. */
function refuseIrregular(path: string): void {
  naming(path, () => {
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there === undefined || there.isFile() || there.isSymbolicLink()) return;
    throw Object.assign(new Error("no regular file"), { code: there.isDirectory() ? "EISDIR" : "EFTYPE" });
  });
}

/**
 * Like {@link writeWhole}, for a file that must not exist yet. Of several writers, whatever their number, one succeeds.
 *
 * @throws FileError, with errno EEXIST for all others
 */
export function createWhole(path: string, text: string): void {
  throughPartial(path, text, (partial) => {
    try {
      linkSync(partial, path);
      unlinkSync(partial);
    } catch (error) {
      if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(String((error as NodeJS.ErrnoException).code))) throw error;
      // A file system without hard links: the claim is as sure, but a reader may meet the file while it is empty.
      closeSync(openSync(path, "wx"));
      renameSync(partial, path);
    }
  });
}

let partials = 0;

function throughPartial(path: string, text: string, place: (partial: string) => void): void {
  naming(path, () => {
    const partial = `${path}.${process.pid}-${++partials}.partial`;
    const file = openSync(partial, "wx");
    try {
      try {
        writeAll(file, text, 0);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      place(partial);
    } catch (error) {
      unlinkSync(partial);
      throw error;
    }
  });
}
