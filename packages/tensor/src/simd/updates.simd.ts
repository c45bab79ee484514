// What the kernels that update parameters in place share. They run over blocks of 16,384 numbers and leave three sums of
// squares a block, in double precision: of w and g before the update, and of the change.
import { highWide, lowWide, sumOfLanes } from "./wide.simd";

// @ts-ignore: decorator
@inline
export const BLOCK: i32 = 16384;
/** Bytes of 128 numbers, whose squares are added up in single precision, 32 in a lane: that loses 2e-6 at most, 1e-7 as a rule. */
// @ts-ignore: decorator
@inline
export const RUN: usize = 512;

// @ts-ignore: decorator
@inline
export function bytesOfBlock(block: i32, count: i32): usize {
  return <usize>min(BLOCK, count - block * BLOCK) << 2;
}

// @ts-ignore: decorator
@inline
export function acrossLanes(x: v128): f64 {
  return sumOfLanes(f64x2.add(lowWide(x), highWide(x)));
}

// @ts-ignore: decorator
@inline
export function storeSums(partials: usize, block: i32, w: f64, g: f64, change: f64): void {
  const p = partials + <usize>block * 24;
  store<f64>(p, w);
  store<f64>(p, g, 8);
  store<f64>(p, change, 16);
}

const ONES = memory.data<i32>([-1, -1, -1, 0, 0, 0]);

/** x in the first `count` < 4 lanes, 0 in the others. */
// @ts-ignore: decorator
@inline
export function firstLanes(x: v128, count: i32): v128 {
  return v128.and(x, v128.load(ONES + (<usize>(3 - count) << 2)));
}
