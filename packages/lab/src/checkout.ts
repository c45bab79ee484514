// Which state of the source a result was computed with.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Checkout {
  readonly commit: string;
  /** Whether tracked files differ from the commit. */
  readonly dirty: boolean;
}

/** Of the repository that `dir` belongs to as a tracked folder (default: that of llr itself); null if there is none, or no git. */
export function checkoutOf(dir: string = fileURLToPath(new URL("..", import.meta.url))): Checkout | null {
  // A checkout that belongs to another user is read all the same: nothing in it is run but what runs already.
  const git = (...args: readonly string[]): string => execFileSync("git", ["-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-C", dir, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, GIT_OPTIONAL_LOCKS: "0" } }).trim();
  try {
    // A package installed somewhere inside another repository is not part of it.
    if (git("ls-files", "package.json") === "") return null;
    return { commit: git("rev-parse", "HEAD"), dirty: git("status", "--porcelain", "--untracked-files=no") !== "" };
  } catch {
    return null;
  }
}
