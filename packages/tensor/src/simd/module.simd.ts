// About the module itself.
import { madd } from "./lanes.simd";
import { setThreadIndex } from "./thread.simd";

/** a = 1 + 2^-12, whose square is 1 + 2^-11 + 2^-24: the last term is lost when the product is rounded. */
const PROBE: usize = memory.data<f32>([1.000244140625, -1.00048828125]);

/** 1 if a product is added without being rounded first. Relaxed SIMD leaves it to the engine, and so to the processor. */
export function moduleFuses(): i32 {
  const a = v128.load32_splat(PROBE);
  return f32x4.extract_lane(madd(a, a, v128.load32_splat(PROBE, 4)), 0) != 0 ? 1 : 0;
}

/** First byte after the constants: a test checks that they stay within the page that the allocator leaves to them. */
export function moduleDataEnd(): usize {
  return __heap_base;
}

/** Called once by a worker, before anything else. */
export function moduleSetThread(index: i32): void {
  setThreadIndex(index);
}
