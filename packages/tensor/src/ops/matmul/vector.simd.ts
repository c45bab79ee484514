// A vector times a matrix: c[j] = sum over p of v[p] * b[p][j]. Every number of the matrix is used once, so packing it would
// cost more than the product.
import { madd } from "../../simd/lanes.simd";

/** Terms that are added up in registers before they are added to the total, so that long sums lose little. */
const BLOCK: i32 = 384;
/** Columns that are computed together. */
const GROUP: i32 = 32;

/** Columns `from` to `to` of a matrix whose rows are contiguous and `step` bytes apart; `from` is a multiple of 32. */
export function gemmVectorColumns(c: usize, v: usize, b: usize, step: usize, k: i32, from: i32, to: i32): void {
  for (let p = 0; p < k; p += BLOCK) {
    const terms = min(BLOCK, k - p);
    let j = from;
    for (; j + GROUP <= to; j += GROUP) addGroup(c + (<usize>j << 2), v, b + (<usize>j << 2), step, terms, p);
    for (; j < to; j++) {
      let sum: f32 = 0;
      for (let q = 0, at = b + (<usize>j << 2); q < terms; q++, at += step) sum += load<f32>(v + (<usize>q << 2)) * load<f32>(at);
      store<f32>(c + (<usize>j << 2), p == 0 ? sum : load<f32>(c + (<usize>j << 2)) + sum);
    }
    v += BLOCK << 2;
    b += <usize>BLOCK * step;
  }
}

/** 32 columns, a block of terms; added to what is there unless the block is the first. */
function addGroup(c: usize, v: usize, b: usize, step: usize, terms: i32, add: i32): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  for (const end = v + (<usize>terms << 2); v < end; v += 4, b += step) {
    const x = v128.load32_splat(v);
    s0 = madd(x, v128.load(b), s0);
    s1 = madd(x, v128.load(b, 16), s1);
    s2 = madd(x, v128.load(b, 32), s2);
    s3 = madd(x, v128.load(b, 48), s3);
    s4 = madd(x, v128.load(b, 64), s4);
    s5 = madd(x, v128.load(b, 80), s5);
    s6 = madd(x, v128.load(b, 96), s6);
    s7 = madd(x, v128.load(b, 112), s7);
  }
  if (add) {
    s0 = f32x4.add(v128.load(c), s0);
    s1 = f32x4.add(v128.load(c, 16), s1);
    s2 = f32x4.add(v128.load(c, 32), s2);
    s3 = f32x4.add(v128.load(c, 48), s3);
    s4 = f32x4.add(v128.load(c, 64), s4);
    s5 = f32x4.add(v128.load(c, 80), s5);
    s6 = f32x4.add(v128.load(c, 96), s6);
    s7 = f32x4.add(v128.load(c, 112), s7);
  }
  v128.store(c, s0);
  v128.store(c, s1, 16);
  v128.store(c, s2, 32);
  v128.store(c, s3, 48);
  v128.store(c, s4, 64);
  v128.store(c, s5, 80);
  v128.store(c, s6, 96);
  v128.store(c, s7, 112);
}

/** Columns `from` to `to` of a matrix whose columns are contiguous and `column` bytes apart. */
export function gemmVectorDots(c: usize, v: usize, b: usize, column: usize, k: i32, from: i32, to: i32): void {
  for (let j = from; j < to; j++) store<f32>(c + (<usize>j << 2), dot(v, b + <usize>j * column, k));
}

function dot(v: usize, b: usize, k: i32): f32 {
  let total: f64 = 0;
  for (; k >= 16; ) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    const end = v + (<usize>min(BLOCK, k & ~15) << 2);
    k -= min(BLOCK, k & ~15);
    for (; v < end; v += 64, b += 64) {
      s0 = madd(v128.load(v), v128.load(b), s0);
      s1 = madd(v128.load(v, 16), v128.load(b, 16), s1);
      s2 = madd(v128.load(v, 32), v128.load(b, 32), s2);
      s3 = madd(v128.load(v, 48), v128.load(b, 48), s3);
    }
    const s = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
    total += <f64>(f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1)) + <f64>(f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
  }
  for (; k > 0; k--, v += 4, b += 4) total += <f64>(load<f32>(v) * load<f32>(b));
  return <f32>total;
}
