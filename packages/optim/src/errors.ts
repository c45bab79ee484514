/**
 * Base of every error that this package throws on purpose. Branch on `code`, which never changes: two copies of the
 * package in one program have two classes, so `instanceof` is not the test to use.
 *
 * A message has one form: `who: what is wrong, with the value. What it needs. [What to try.]`
 */
export class OptimError extends Error {
  /** Stable name of the kind of error, for example `LLR_OPTION`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
    this.name = new.target.name;
  }
}

/** An option, parameter list or group that an optimizer, a schedule or a clipping rule cannot work with. */
export class OptionError extends OptimError {
  /** Who refused: `sgd`, `oneCycle`, `clipByGlobalNorm` ... */
  readonly where: string;
  readonly option: string;

  constructor(where: string, option: string, problem: string) {
    super("LLR_OPTION", `${where}: ${problem}`);
    this.where = where;
    this.option = option;
  }
}

/** A gradient that does not fit its parameter, or is not finite where that is refused. Thrown before anything is written. */
export class GradientError extends OptimError {
  readonly where: string;
  /** Name of the parameter. */
  readonly param: string;

  constructor(where: string, param: string, problem: string) {
    super("LLR_GRADIENT", `${where}: ${problem}`);
    this.where = where;
    this.param = param;
  }
}

/** A state dict that belongs to another optimizer or model. Thrown before anything is written. */
export class StateError extends OptimError {
  readonly where: string;

  constructor(where: string, problem: string) {
    super("LLR_STATE", `${where}: ${problem}`);
    this.where = where;
  }
}
