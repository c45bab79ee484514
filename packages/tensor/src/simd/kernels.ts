// The compiled kernels: text until the first op that has one runs, then one WebAssembly module over the memory that holds
// the tensors. Loading is synchronous, so that it works where there is no top-level await.
import { ArgumentError, InternalError } from "../errors.ts";
import { sharedMemory } from "../memory.ts";
import type { Kernels } from "./compiled.ts";
import { portable, relaxed } from "./compiled.ts";

/** The little of WebAssembly and the web that is used here, declared by hand: this package compiles without the DOM's types. */
interface WebAssemblyInterface {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
}
const { WebAssembly, atob } = globalThis as unknown as { WebAssembly?: WebAssemblyInterface; atob(text: string): string };

/**
 * - `detected`: fused multiply-add where the engine has relaxed SIMD, multiply then add elsewhere;
 * - `portable`: multiply then add everywhere, which gives the same bits on every engine.
 */
export type Arithmetic = "detected" | "portable";

/** What was chosen, and why; it never depends on a measurement of time. */
export interface Variant {
  /** Whether a product is added without being rounded first. */
  readonly fused: boolean;
  readonly reason: string;
}

interface Choice extends Variant {
  /** For every thread to instantiate over the same memory. */
  readonly module: object;
}

let arithmetic: Arithmetic = "detected";
/** Null: the engine cannot run the kernels. */
let chosen: Choice | null | undefined;
let loaded: Kernels | undefined;

/**
 * Chooses how single-precision kernels round, for the whole process and before the first of them runs.
 *
 * @throws ArgumentError when kernels of the other kind are in use already: results would mix two arithmetics
 * @example
 * import { relu, setArithmetic, tensor } from "@llr/tensor";
 * relu(tensor([1]));
 * setArithmetic("portable") // throws have already run
 */
export function setArithmetic(choice: Arithmetic): void {
  if (choice !== "detected" && choice !== "portable") throw new ArgumentError("setArithmetic", `the choice is ${String(choice)}. It is "detected" or "portable".`);
  if (choice === arithmetic) return;
  if (loaded !== undefined) throw new ArgumentError("setArithmetic", `kernels with ${arithmetic} arithmetic have already run, and results would mix with ${choice} ones. Call it before the first op.`);
  arithmetic = choice;
  chosen = undefined;
}

/** Whether kernels have run: it is too late to change how they are compiled. */
export const isLoaded = (): boolean => loaded !== undefined;

/** Whether this engine runs the compiled kernels. */
export const hasSimd = (): boolean => loaded !== undefined || variant() !== null;

export function variant(): Choice | null {
  if (chosen === undefined) chosen = choose();
  return chosen;
}

function choose(): Choice | null {
  if (WebAssembly === undefined) return null;
  const fast = arithmetic === "portable" ? null : compile(relaxed);
  if (fast !== null && instantiate(fast).moduleFuses() === 1) return { module: fast, fused: true, reason: "the engine has relaxed SIMD" };
  const safe = compile(portable);
  if (safe === null) return null;
  const reason = arithmetic === "portable" ? "portable arithmetic was chosen" : fast === null ? "the engine has no relaxed SIMD" : "the relaxed multiply-add of this engine and processor rounds twice";
  return { module: safe, fused: false, reason };
}

/** Null where the engine does not know an instruction of the module: its own validation is the feature detection. */
function compile(text: string): object | null {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return WebAssembly!.validate(bytes) ? new WebAssembly!.Module(bytes) : null;
}

const instantiate = (module: object): Kernels => new WebAssembly!.Instance(module, { env: { memory: sharedMemory() } }).exports as Kernels;

/** The kernels of this thread. Addresses and counts go in; nothing is checked. */
export function kernels(): Kernels {
  if (loaded === undefined) {
    const found = variant();
    if (found === null) throw new InternalError("compiled kernels were asked for where the engine cannot run them.");
    loaded = instantiate(found.module);
  }
  return loaded;
}
