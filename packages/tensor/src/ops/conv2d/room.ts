// The scratch memory of a convolution.
import { arrayAt } from "../../dtype.ts";
import { sharedMemory } from "../../memory.ts";
import type { Address } from "../../op.ts";
import { withScratch } from "../../simd/scratch.ts";
import { threadSlots } from "../../simd/threads.ts";

interface Room {
  /** The plan in the memory. */
  readonly at: Address;
  readonly work: Address;
  /** `extraBytes` for the caller. */
  readonly extra: Address;
}

interface Plan {
  /** A struct and its tables, as kernels read them. */
  readonly words: Int32Array;
  /** Work space of a thread. */
  readonly workBytes: number;
}

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

export function withRoom<R>(plan: Plan, extraBytes: number, use: (room: Room) => R): R {
  const planBytes = align(plan.words.byteLength);
  const workBytes = plan.workBytes * threadSlots();
  return withScratch(planBytes + workBytes + extraBytes, (at) => {
    arrayAt("i32", sharedMemory().buffer, at, plan.words.length).set(plan.words);
    return use({ at, work: at + planBytes, extra: at + planBytes + workBytes });
  });
}
