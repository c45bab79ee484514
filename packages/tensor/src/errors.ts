/**
 * Base of every error that an @llr package throws on purpose. Programs branch on `code`, which never changes; two
 * copies of a package in one program have two classes, so `instanceof` is not the test to use.
 *
 * A message has one form: `op: what is wrong, with both values. What it needs. [What to try.]`
 */
export class LlrError extends Error {
  /** Stable name of the kind of error, for example `LLR_SHAPE`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** Shapes that an op cannot work with. Thrown before anything is computed. */
export class ShapeError extends LlrError {
  /** The op that refused. */
  readonly op: string;
  readonly shapes: readonly (readonly number[])[];

  constructor(op: string, problem: string, shapes: readonly (readonly number[])[]) {
    super("LLR_SHAPE", `${op}: ${problem}`);
    this.op = op;
    this.shapes = shapes;
  }
}

/** Element types that an op cannot work with, or values that an element type cannot hold. */
export class DTypeError extends LlrError {
  readonly op: string;

  constructor(op: string, problem: string) {
    super("LLR_DTYPE", `${op}: ${problem}`);
    this.op = op;
  }
}

/** An attribute (axis, stride, class number ...) outside what an op allows. */
export class ArgumentError extends LlrError {
  readonly op: string;

  constructor(op: string, problem: string) {
    super("LLR_ARGUMENT", `${op}: ${problem}`);
    this.op = op;
  }
}

/** The record of an op says something that cannot be, such as a shape with a fraction. Thrown before its kernel runs. */
export class OpRecordError extends LlrError {
  /** The op whose record it is. */
  readonly op: string;

  constructor(op: string, problem: string) {
    super("LLR_OP_RECORD", `${op}: ${problem}`);
    this.op = op;
  }
}

/** A tensor was touched after its scope had given its memory back. */
export class ReleasedError extends LlrError {
  /** The op that made the tensor. */
  readonly op: string;

  constructor(op: string, message: string) {
    super("LLR_RELEASED", message);
    this.op = op;
  }
}

/** A scope was used in a way that would lose or leak memory. */
export class ScopeError extends LlrError {
  constructor(problem: string) {
    super("LLR_SCOPE", `scope: ${problem}`);
  }
}

/** A backward pass was asked of something that has no usable history. */
export class HistoryError extends LlrError {
  constructor(problem: string) {
    super("LLR_HISTORY", problem);
  }
}

/** The shared memory cannot grow further. The allocator stays usable. */
export class MemoryError extends LlrError {
  readonly bytes: number;

  constructor(problem: string, bytes: number, options?: ErrorOptions) {
    super("LLR_MEMORY", problem, options);
    this.bytes = bytes;
  }
}

/** A fault of this library, never of its caller: please report it. */
export class InternalError extends LlrError {
  constructor(problem: string) {
    super("LLR_INTERNAL", `internal: ${problem}`);
  }
}

/** A tensor lies on a device, and the caller needs its numbers here and now. */
export class OnDeviceError extends LlrError {
  constructor(op: string, problem: string) {
    super("LLR_ON_DEVICE", `${op}: ${problem}`);
  }
}

/** A device has no kernel for an op, or none for these shapes. Nothing is computed elsewhere instead. */
export class NoKernelError extends LlrError {
  constructor(op: string, problem: string) {
    super("LLR_NO_KERNEL", `${op}: ${problem}`);
  }
}
