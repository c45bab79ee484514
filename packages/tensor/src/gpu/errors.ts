import { LlrError } from "../errors.ts";

/** There is no device to compute on, or none that was asked for. */
export class NoGpuError extends LlrError {
  constructor(problem: string) {
    super("LLR_NO_GPU", `useGpu: ${problem}`);
  }
}

/** A package that only the gpu home needs is not installed. */
export class MissingPeerError extends LlrError {
  readonly peer: string;

  constructor(peer: string, version: string, why: string, cause: unknown) {
    super("LLR_MISSING_PEER", `useGpu: the package ${peer} cannot be loaded (${cause instanceof Error ? cause.message.split("\n")[0] : String(cause)}). ${why} Install it: npm install ${peer}@${version}`, { cause });
    this.peer = peer;
  }
}

/** The device is gone, and what lay on it with it. */
export class DeviceLostError extends LlrError {
  constructor(op: string, problem: string) {
    super("LLR_DEVICE_LOST", `${op}: ${problem}`);
  }
}

/** The device refused or failed at work that was handed to it earlier. */
export class DeviceError extends LlrError {
  constructor(problem: string, options?: ErrorOptions) {
    super("LLR_DEVICE", problem, options);
  }
}
