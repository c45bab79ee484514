// 256-bit vectors, on request.
import { ArgumentError } from "../errors.ts";
import { isLoaded } from "./kernels.ts";

interface V8 { setFlagsFromString(flags: string): void }
interface Surroundings {
  readonly process?: { readonly arch?: string; readonly versions?: { readonly v8?: string; readonly bun?: string }; getBuiltinModule?(name: string): unknown };
}
const { process } = globalThis as unknown as Surroundings;

/** First V8 with the flag. */
const V8_MAJOR = 12;

let turbo = false;

/** Whether kernels are to be written for vectors of 256 bits. */
export const isTurbo = (): boolean => turbo;

/**
 * Turns on an experiment of V8 that joins pairs of 128-bit vector instructions into 256-bit ones, for the whole process and
 * before the first kernel runs. Matrix products of x86 processors with AVX2 get 1.6 times as fast; results are the same to
 * the last bit. Off by default, because the experiment is V8's and not finished.
 *
 * @throws ArgumentError where there is no such V8 (browsers, other engines, other processors), and when kernels have already run
 * @example
 * import { relu, setTurbo, tensor } from "@llr/tensor";
 * relu(tensor([1]));
 * setTurbo() // throws Call it before the first op
 */
export function setTurbo(): void {
  if (turbo) return;
  const v8 = process?.getBuiltinModule?.("node:v8") as V8 | undefined;
  const version = process?.versions?.v8;
  if (v8 === undefined || version === undefined || process?.versions?.bun !== undefined || parseInt(version, 10) < V8_MAJOR || process?.arch !== "x64")
    throw new ArgumentError("setTurbo", `this is ${version === undefined ? "no Node" : `V8 ${version} on ${process?.arch}`}. It needs Node with V8 ${V8_MAJOR} or newer on an x64 processor. Leave it out: everything works without, to the same bits.`);
  if (isLoaded()) throw new ArgumentError("setTurbo", "kernels have already been compiled without it. Call it before the first op.");
  v8.setFlagsFromString("--experimental-wasm-revectorize");
  turbo = true;
}
