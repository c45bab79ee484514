// e^x, log and what is made of them, for four numbers at a time; errors below 1 unit in the last place for exp and log,
// 2.6 for tanh and sigmoid (every 64th float was compared with float64). The coefficients are minimax fits of our own
// (Lawson's iteration in float64).
//
// Constants are read from memory where they are used: V8 rebuilds a splat of a literal in every turn of a loop.
import { madd } from "./lanes.simd";

const EXP = memory.data<f32>([
  -104, // below, e^x rounds to 0
  89, // above, to infinity
  1.4426950408889634, // 1 / ln 2
  12582912, // 1.5 * 2^23: adding it rounds to a whole number, which is then in the low bits
  -0.693145751953125, // -ln 2, its first 15 bits, whose product with a whole number is exact
  -1.428606765330187e-6, // and the rest
  // (e^r - 1 - r) / r^2 for |r| < ln(2) / 2, highest power first; relative error of e^r 3e-9
  0.0013813144760206342, 0.008369418792426586, 0.04166845604777336, 0.16666515171527863, 0.4999999403953552,
  1,
]);
const BITS = memory.data<u32>([
  0xff800000, // sign and exponent
  0x3f800000, // 1.0
  0x80000000, // sign
]);

// @ts-ignore: decorator
@inline
function constant(table: usize, index: usize): v128 {
  return v128.load32_splat(table + (index << 2));
}

/** x / ln 2, rounded, in the low bits of each lane. */
// @ts-ignore: decorator
@inline
function roundedQuotient(x: v128): v128 {
  return madd(x, constant(EXP, 2), constant(EXP, 3));
}

/** e^r - 1 for the remainder r = x - n ln 2, with `quotient` n. */
// @ts-ignore: decorator
@inline
function remainderPower(x: v128, quotient: v128): v128 {
  const n = f32x4.sub(quotient, constant(EXP, 3));
  const r = madd(n, constant(EXP, 5), madd(n, constant(EXP, 4), x));
  let q = madd(constant(EXP, 6), r, constant(EXP, 7));
  q = madd(q, r, constant(EXP, 8));
  q = madd(q, r, constant(EXP, 9));
  q = madd(q, r, constant(EXP, 10));
  return madd(f32x4.mul(r, r), q, r);
}

/** e^x. Subnormal results are right as well; NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function expOf(x: v128): v128 {
  // pmin and pmax take one instruction, where min and max take several for NaN and -0. In this order they keep a NaN.
  x = f32x4.pmax(f32x4.pmin(x, constant(EXP, 1)), constant(EXP, 0));
  const n = roundedQuotient(x);
  const power = f32x4.add(remainderPower(x, n), constant(EXP, 11));
  // Times 2^n in two factors: 2^128 and 2^-150 are no floats. Shifted by 23, n is the difference of the exponent's bits;
  // shifted by 22 it is half of that, and a bit that belongs to the fraction.
  const one = constant(BITS, 1);
  const half = v128.and(i32x4.shl(n, 22), constant(BITS, 0));
  const rest = i32x4.sub(i32x4.shl(n, 23), half);
  return f32x4.mul(f32x4.mul(power, i32x4.add(half, one)), i32x4.add(rest, one));
}

const TANH = memory.data<f32>([20, -2]);

/** tanh x = (e^2x - 1) / (e^2x + 1), by e^2x - 1 computed without cancellation, for |x|; the sign is put back. */
// @ts-ignore: decorator
@inline
export function tanhOf(x: v128): v128 {
  const sign = v128.and(x, constant(BITS, 2));
  const positive = v128.xor(x, sign);
  const twice = f32x4.pmin(f32x4.add(positive, positive), constant(TANH, 0)); // tanh 10 is 1 in single precision
  const n = roundedQuotient(twice);
  const scale = i32x4.add(i32x4.shl(n, 23), constant(BITS, 1));
  const e = madd(scale, remainderPower(twice, n), f32x4.sub(scale, constant(EXP, 11)));
  return v128.or(f32x4.div(e, f32x4.sub(e, constant(TANH, 1))), sign);
}

/** 1 / (1 + e^-x), for negative x as e^x / (1 + e^x): what is left of a tiny result keeps its digits. */
// @ts-ignore: decorator
@inline
export function sigmoidOf(x: v128): v128 {
  const e = expOf(v128.or(x, constant(BITS, 2)));
  const one = constant(EXP, 11);
  return f32x4.div(v128.bitselect(e, one, i32x4.shr_s(x, 31)), f32x4.add(one, e));
}

const LOG = memory.data<f32>([
  1.1754943508222875e-38, // the smallest normal number
  33554432, 25, // 2^25 and its exponent: subnormal numbers are multiplied by it first
  0.693145751953125, 1.428606765330187e-6, // ln 2 in two parts, as above
  // (log((1 + s) / (1 - s)) - 2s) / s^3 in powers of s^2 for |s| < 0.1716, highest first; relative error of log 9e-10
  0.298978328704834, 0.3997664749622345, 0.6666678190231323,
  0.5, 1, 2, Infinity, -Infinity, NaN,
]);
const LOG_BITS = memory.data<u32>([
  0x3f3504f3, // sqrt(1/2)
  0x007fffff, // fraction
]);

/** log x; -Infinity at 0, NaN below. */
// @ts-ignore: decorator
@inline
export function logOf(x: v128): v128 {
  const subnormal = f32x4.lt(x, constant(LOG, 0));
  const scaled = v128.bitselect(f32x4.mul(x, constant(LOG, 1)), x, subnormal);
  // x = 2^e (1 + f), sqrt(1/2) <= 1 + f < sqrt 2
  const root = constant(LOG_BITS, 0);
  const bits = i32x4.sub(scaled, root);
  const e = f32x4.sub(f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23)), v128.and(subnormal, constant(LOG, 2)));
  const f = f32x4.sub(i32x4.add(v128.and(bits, constant(LOG_BITS, 1)), root), constant(LOG, 9));
  // With s = f / (2 + f), log(1 + f) = 2s + s z q(z), z = s^2; and 2s = f - h + s h with h = f^2 / 2, where f is exact.
  const s = f32x4.div(f, f32x4.add(f, constant(LOG, 10)));
  const z = f32x4.mul(s, s);
  const h = f32x4.mul(f32x4.mul(f, f), constant(LOG, 8));
  let q = madd(z, constant(LOG, 5), constant(LOG, 6));
  q = madd(z, q, constant(LOG, 7));
  const small = f32x4.sub(h, madd(s, madd(z, q, h), f32x4.mul(e, constant(LOG, 4))));
  const value = madd(e, constant(LOG, 3), f32x4.sub(f, small));

  const zero = f32x4.splat(0);
  const positive = f32x4.gt(x, zero);
  // 0, negative numbers, infinity and NaN
  const special = v128.bitselect(x, v128.bitselect(constant(LOG, 12), constant(LOG, 13), f32x4.eq(x, zero)), positive);
  return v128.bitselect(value, special, v128.and(positive, f32x4.lt(x, constant(LOG, 11))));
}

/** log x in double precision for x >= 1; NaN and infinity stay. */
export function logWide(x: f64): f64 {
  if (!(x < Infinity)) return x;
  const bits = reinterpret<i64>(x) - 0x3fe6a09e667f3bcd; // sqrt(1/2)
  const f = reinterpret<f64>((bits & 0x000fffffffffffff) + 0x3fe6a09e667f3bcd) - 1;
  // 2 (s + s^3/3 + s^5/5 + ...); |s| < 0.1716, so the terms left out are below 1e-17 of the sum
  const s = f / (2 + f);
  const z = s * s;
  let series: f64 = 0;
  for (let k = 21; k > 0; k -= 2) series = series * z + 1 / <f64>k;
  return <f64>(bits >> 52) * 0.6931471805599453 + 2 * s * series;
}
