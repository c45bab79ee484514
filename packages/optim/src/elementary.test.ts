import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cos, exp, log } from "./elementary.ts";

// The oracle: whole numbers of 2^-320, in which a float64 is exact (of those tried here) and Taylor's series have no rounding to speak of.
const DIGITS = 320n;
const ONE = 1n << DIGITS;
const times = (a: bigint, b: bigint): bigint => (a * b) >> DIGITS;

function exact(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const power = (bits >> 52n) & 2047n;
  const mantissa = power === 0n ? bits & ((1n << 52n) - 1n) : (bits & ((1n << 52n) - 1n)) | (1n << 52n);
  const shift = (power === 0n ? 1n : power) - 1075n + DIGITS;
  const size = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  return x < 0 ? -size : size;
}

function series(next: (term: bigint, n: bigint) => bigint, first: bigint): bigint {
  let [sum, term] = [0n, first];
  for (let n = 1n; term !== 0n && n < 2000n; n++) {
    sum += term;
    term = next(term, n);
  }
  return sum;
}

const bigExp = (x: bigint): bigint => series((term, n) => times(term, x) / n, ONE);
const bigCos = (x: bigint): bigint => series((term, n) => -times(times(term, x), x) / ((2n * n - 1n) * (2n * n)), ONE);

/** How many units in the last place of `found` lie between it and what is right. */
function ulps(found: number, right: bigint): number {
  const unit = ulpOf(found);
  return Math.abs(Number(((exact(found) - right) * 1000n) / unit)) / 1000;
}
function ulpOf(x: number): bigint {
  const size = exact(Math.abs(x));
  const digits = BigInt(size.toString(2).length);
  return digits > 53n ? 1n << (digits - 53n) : 1n;
}

const numRuns = 400;
const real = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

describe("within one unit in the last place of what is right:", () => {
  it("the cosine of a turn, also next to its zeros", () => {
    const quarters = fc.tuple(fc.integer({ min: 0, max: 4 }), real(-1e-6, 1e-6)).map(([n, off]) => Math.abs((n * Math.PI) / 2 + off));
    fc.assert(fc.property(fc.oneof(real(0, 2 * Math.PI), quarters), (x) => { expect(ulps(cos(x), bigCos(exact(x)))).toBeLessThanOrEqual(1); }), { numRuns });
    for (let n = 0; n <= 4; n++) expect(ulps(cos((n * Math.PI) / 2), bigCos(exact((n * Math.PI) / 2)))).toBeLessThanOrEqual(1);
  });

  it("the exponential", () => {
    fc.assert(fc.property(fc.oneof(real(-40, 40), real(-1, 1), real(-1e-8, 1e-8)), (x) => { expect(ulps(exp(x), bigExp(exact(x)))).toBeLessThanOrEqual(1); }), { numRuns });
  });

  it("the logarithm: by what its exponential is", () => {
    // With y = log x + d, e^y = x (1 + d): the distance of e^y from x, as a share of x, is that of y from log x.
    fc.assert(
      fc.property(fc.oneof(real(1e-15, 1e15), real(0.5, 2), real(1 - 1e-6, 1 + 1e-6)).filter((x) => x !== 1), (x) => {
        const y = log(x);
        const off = ((bigExp(exact(y)) - exact(x)) * ONE) / exact(x);
        expect(Math.abs(Number((off * 1000n) / ulpOf(y))) / 1000).toBeLessThanOrEqual(1);
      }),
      { numRuns },
    );
  });
});

it("is next to what Math has, everywhere", () => {
  fc.assert(fc.property(real(-700, 700), (x) => { expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(5e-16); }), { numRuns });
  fc.assert(fc.property(real(1e-320, 1e300), (x) => { expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(5e-16 * Math.max(1, Math.abs(Math.log(x)))); }), { numRuns });
});

it("has the values at the edges", () => {
  expect([cos(0), cos(Math.PI), exp(0), log(1)]).toEqual([1, -1, 1, 0]);
  expect([exp(710), exp(-746), exp(Infinity), exp(-Infinity), log(0), log(Infinity)]).toEqual([Infinity, 0, Infinity, 0, -Infinity, Infinity]);
  for (const x of [cos(NaN), cos(Infinity), exp(NaN), log(NaN), log(-1)]) expect(x).toBeNaN();
  expect([exp(-745), log(5e-324), exp(709.78)].map((x, i) => x / [Math.exp(-745), Math.log(5e-324), Math.exp(709.78)][i])).toEqual([1, 1, expect.closeTo(1, 14)]);
});
