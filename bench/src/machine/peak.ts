// How many multiply-adds one core can do on 128-bit vectors: twelve sums that do not depend on each other, in registers.
import type { LoopFunction } from "./assemble.ts";
import { assemble, f32, get, i32, lane0, loop, plus, relaxedMadd, set, splat, times, v128 } from "./assemble.ts";
import { instantiate, isValid } from "./webAssembly.ts";

/** With two units and four cycles from one result to the next, eight would do; twelve are what a kernel's tile has. */
const SUMS = 12;
const UNROLL = 4;
/** A multiplication and an addition in each of four lanes. */
export const FLOPS_PER_ROUND: number = SUMS * UNROLL * 4 * 2;

/**
 * Every sum s, which starts as its number 0..11, becomes s * x + y four times a round.
 *
 * @returns the total of one lane of all sums
 */
export type MultiplyAdds = (rounds: number, x: number, y: number) => number;

// Locals: rounds, x, y | round, x and y in all lanes, the sums
const [ROUNDS, X, Y, ROUND, XS, YS, FIRST] = [0, 1, 2, 3, 4, 5, 6];
const sums = Array.from({ length: SUMS }, (_, i) => FIRST + i);

/** A constant 0 to 11 in all lanes. */
const constant = (value: number): number[] => [0x43, ...new Uint8Array(Float32Array.of(value).buffer), ...splat];

function multiplyAdds(fused: boolean): LoopFunction {
  const step = (sum: number): number[] => [...get(sum), ...get(XS), ...(fused ? [...get(YS), ...relaxedMadd] : [...times, ...get(YS), ...plus]), ...set(sum)];
  return {
    name: "multiplyAdds", params: [i32, f32, f32], result: f32, locals: [i32, v128, v128, ...sums.map(() => v128)],
    body: [
      ...get(X), ...splat, ...set(XS), ...get(Y), ...splat, ...set(YS),
      ...sums.flatMap((sum, i) => [...constant(i), ...set(sum)]),
      ...loop(ROUND, 1, ROUNDS, Array.from({ length: UNROLL }, () => sums.flatMap(step)).flat()),
      ...get(FIRST), ...sums.slice(1).flatMap((sum) => [...get(sum), ...plus]), ...lane0,
    ],
  };
}

/** Fused where the engine has relaxed SIMD, else a multiplication and an addition. */
export function makeMultiplyAdds(fused: boolean = canFuse()): MultiplyAdds {
  return instantiate(assemble([multiplyAdds(fused)])).multiplyAdds as MultiplyAdds;
}

export const canFuse = (): boolean => isValid(assemble([multiplyAdds(true)]));
