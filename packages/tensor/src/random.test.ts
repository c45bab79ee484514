import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rng, type RngState } from "./random.ts";

/** The published algorithm in exact integers (prng.di.unimi.it/xoshiro128starstar.c, version 1.1). */
function* xoshiro128StarStar(words: readonly number[]): Generator<number> {
  const u32 = (x: bigint): bigint => BigInt.asUintN(32, x);
  const rotl = (x: bigint, k: bigint): bigint => u32(x << k) | (x >> (32n - k));
  let [a, b, c, d] = words.map(BigInt) as [bigint, bigint, bigint, bigint];
  for (;;) {
    yield Number(u32(rotl(u32(b * 5n), 7n) * 9n));
    const t = u32(b << 9n);
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotl(d, 11n);
  }
}

const at = (words: RngState["words"], spare: number | null = null): RngState => ({ algorithm: "xoshiro128**", key: "0".repeat(16), words, spare });
const take = <T>(n: number, draw: () => T): T[] => Array.from({ length: n }, draw);
const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe("the bits", () => {
  it("are those of the reference implementation from the state 1, 2, 3, 4", () => {
    // Output of the authors' C code, as in the tests of Rust's rand_xoshiro.
    const published = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804];
    const rng = Rng.fromState(at([1, 2, 3, 4]));
    expect(take(10, () => rng.uint32())).toEqual(published);
  });

  it("follow the published algorithm from any state", () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(fc.property(fc.tuple(word, word, word, word).filter((words) => words.some((w) => w !== 0)), (words) => {
      const rng = Rng.fromState(at(words));
      const oracle = xoshiro128StarStar(words);
      expect(take(50, () => rng.uint32())).toEqual(take(50, () => oracle.next().value));
    }));
  });

  it("start at the splitmix64 of the seed", () => {
    // First outputs for 1234567: 6457827717110365317 and 3203168211198807973 (rosettacode.org, Pseudo-random numbers/Splitmix64).
    const halves = [6457827717110365317n, 3203168211198807973n].flatMap((x) => [Number(x & 0xffffffffn), Number(x >> 32n)]);
    expect(new Rng(1234567).state().words).toEqual(halves);
  });

  it("do not change from one version of this package to the next", () => {
    const rng = new Rng(42).stream("golden");
    expect(take(3, () => rng.uint32())).toEqual(GOLDEN.uint32);
    expect(take(2, () => rng.uniform())).toEqual(GOLDEN.uniform);
    expect(take(3, () => rng.normal())).toEqual(GOLDEN.normal);
    expect([...rng.permutation(8)]).toEqual(GOLDEN.permutation);
  });
});

// Recorded from this code: a change here changes every stored experiment.
const GOLDEN = {
  uint32: [1858635522, 2189886694, 3638789074],
  uniform: [0.15453227008402637, 0.7452180501496504],
  normal: [-0.3577521486793695, 0.9918378287410079, -0.10818706716898759],
  permutation: [5, 3, 4, 6, 7, 0, 2, 1],
};

describe("named streams", () => {
  it("do not depend on how much was drawn from any other generator", () => {
    fc.assert(fc.property(seeds, fc.string(), fc.nat(20), (seed, name, draws) => {
      const untouched = new Rng(seed).stream(name).uint32();
      const root = new Rng(seed);
      root.stream("other").fillNormal(new Float64Array(draws));
      root.fillNormal(new Float64Array(draws));
      expect(root.stream(name).uint32()).toBe(untouched);
    }));
  });

  it("differ when any seed or name on the way to them differs", () => {
    const root = new Rng(1);
    const all = [
      root, new Rng(2), root.stream(""), root.stream("").stream(""), root.stream("a"), root.stream("b"), root.stream("ab"), root.stream("ba"),
      root.stream("a").stream("b"), root.stream("b").stream("a"), root.stream("a\u0000"), new Rng(2).stream("a"), root.stream("\u0100"), root.stream("\u0001\u0000"), new Rng(3).stream("a"), new Rng(3).stream("b"), new Rng(2).stream("b"),
    ];
    expect(new Set(all.map((rng) => rng.state().key)).size).toBe(all.length);
    expect(new Set(all.map((rng) => rng.uint32())).size).toBe(all.length);
  });

  it("are uncorrelated between neighbouring names and seeds", () => {
    const n = 20_000;
    const column = (rng: Rng): Float64Array => {
      const array = new Float64Array(n);
      rng.fillNormal(array);
      return array;
    };
    const columns = [0, 1, 2].flatMap((seed) => ["layer/0", "layer/1"].map((name) => column(new Rng(seed).stream(name))));
    for (const [i, x] of columns.entries())
      for (const y of columns.slice(i + 1)) {
        const correlation = x.reduce((sum, value, k) => sum + value * y[k], 0) / n;
        // 4.5 standard errors: 15 pairs exceed it by chance once in 10,000 choices of the seeds.
        expect(Math.abs(correlation)).toBeLessThan(4.5 / Math.sqrt(n));
      }
  });
});

describe("the state", () => {
  it("goes through JSON at any point and continues with the same numbers", () => {
    fc.assert(fc.property(seeds, fc.nat(9), fc.nat(9), (seed, integers, normals) => {
      const rng = new Rng(seed).stream("x");
      take(integers, () => rng.uint32());
      take(normals, () => rng.normal());
      const copy = Rng.fromState(JSON.parse(JSON.stringify(rng.state())) as RngState);
      const rest = (from: Rng): unknown[] => [from.normal(), from.normal(), from.uint32(), from.uniform(), from.stream("y").uint32(), from.state()];
      expect(rest(copy)).toEqual(rest(rng));
    }));
  });

  it("is refused when any field is not what state() returns, and the field is named", () => {
    const good = new Rng(5).state();
    const bad: [unknown, string][] = [
      [null, "the state is null"],
      [{}, "algorithm"],
      [{ ...good, algorithm: "pcg32" }, "algorithm is pcg32"],
      [{ ...good, key: "12" }, "key is 12"],
      [{ ...good, words: [1, 2, 3] }, "words"],
      [{ ...good, words: [1, 2, 3, -1] }, "words"],
      [{ ...good, words: [1, 2, 3, 2 ** 32] }, "words"],
      [{ ...good, words: [0, 0, 0, 0] }, "all zero"],
      [{ ...good, spare: "1" }, "spare"],
      [{ ...good, spare: Number.NaN }, "spare"],
    ];
    for (const [state, field] of bad) expect(() => Rng.fromState(state as RngState)).toThrow(field);
  });
});

describe("bad arguments", () => {
  it.each([-1, 0.5, 2 ** 53, Number.NaN, Infinity, "7", null, undefined])("the seed %s is refused", (seed) => {
    expect(() => new Rng(seed as number)).toThrow(`Rng: the seed is ${String(seed)}. It must be an integer from 0 to 9007199254740991.`);
  });

  it("are refused with their value, and nothing is drawn", () => {
    const rng = new Rng(0);
    const before = rng.state();
    expect(() => rng.integer(0)).toThrow("Rng.integer: n is 0");
    expect(() => rng.integer(2 ** 32 + 1)).toThrow("Rng.integer: n is 4294967297");
    expect(() => rng.integer(1.5)).toThrow("Rng.integer: n is 1.5");
    expect(() => rng.uniform(1, 0)).toThrow("Rng.uniform: lo is 1, hi is 0");
    expect(() => rng.uniform(Number.NaN, 1)).toThrow("Rng.uniform: lo is NaN");
    expect(() => rng.uniform(-1e308, 1e308)).toThrow("Rng.uniform");
    expect(() => rng.normal(0, -1)).toThrow("Rng.normal: mean is 0, std is -1");
    expect(() => rng.normal(Number.NaN)).toThrow("Rng.normal: mean is NaN");
    expect(() => rng.permutation(-1)).toThrow("Rng.permutation: n is -1");
    expect(rng.state()).toEqual(before);
  });
});

/** Pearson's statistic against equal expected counts; degrees of freedom = cells - 1. */
function chiSquare(counts: ArrayLike<number>): number {
  const observed = Array.from(counts);
  const expected = observed.reduce((a, b) => a + b, 0) / observed.length;
  return observed.reduce((sum, o) => sum + (o - expected) ** 2 / expected, 0);
}

// Quantiles of chi-square at 0.999 by degrees of freedom (NIST/SEMATECH e-Handbook, table 1.3.6.7.4).
const CHI_SQUARE_999 = { 5: 20.515, 23: 49.728, 63: 103.442, 99: 148.23 };

describe("the distributions", () => {
  it("uniform: 64 cells are equally full, also by the low bits of the 53", () => {
    const rng = new Rng(11);
    const high = new Int32Array(64);
    const low = new Int32Array(64);
    for (let i = 0; i < 64_000; i++) {
      const u = rng.uniform();
      high[Math.floor(u * 64)]++;
      low[(u * 2 ** 53) % 64]++;
    }
    expect(chiSquare(high)).toBeLessThan(CHI_SQUARE_999[63]);
    expect(chiSquare(low)).toBeLessThan(CHI_SQUARE_999[63]);
  });

  it("uniform stays in [lo, hi), where the sum would round up to hi too", () => {
    const lo = 2 ** 53;
    const rng = new Rng(3);
    for (const x of take(1_000, () => rng.uniform(lo, lo + 2))) expect(x).toBe(lo);
    expect(rng.uniform(2, 2)).toBe(2);
    for (const x of take(1_000, () => rng.uniform(-3, -1))) expect(x >= -3 && x < -1).toBe(true);
  });

  it("integer: every value is equally likely for n that do not divide 2^32", () => {
    const rng = new Rng(12);
    const counts = new Int32Array(100);
    for (let i = 0; i < 100_000; i++) counts[rng.integer(100)]++;
    expect(chiSquare(counts)).toBeLessThan(CHI_SQUARE_999[99]);
    // At n = 3 * 2^30 a plain remainder would give the lower third twice the share of the others: 1/2 instead of 1/3.
    const n = 3 * 2 ** 30;
    const lower = take(30_000, () => rng.integer(n)).filter((x) => x < 2 ** 30).length;
    expect(Math.abs(lower / 30_000 - 1 / 3)).toBeLessThan(0.01);
    expect(take(5, () => rng.integer(1))).toEqual([0, 0, 0, 0, 0]);
  });

  it("normal: mean, variance, skewness, kurtosis and tails are those of the normal distribution", () => {
    const n = 200_000;
    const x = new Float64Array(n);
    new Rng(13).fillNormal(x);
    const moment = (power: number): number => x.reduce((sum, value) => sum + value ** power, 0) / n;
    // Four standard errors of each moment: sqrt((E x^2k - (E x^k)^2) / n).
    expect(Math.abs(moment(1))).toBeLessThan(4 * Math.sqrt(1 / n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
    const beyond3 = x.filter((value) => Math.abs(value) > 3).length / n;
    expect(Math.abs(beyond3 - 0.0026998)).toBeLessThan(4 * Math.sqrt(0.0027 / n));
    const cells = new Int32Array(6);
    // Cells of probability 1/6: the normal quantiles 1/6 and 1/3 are -0.967422 and -0.430727.
    for (const value of x) cells[[-0.967422, -0.430727, 0, 0.430727, 0.967422].filter((edge) => value >= edge).length]++;
    expect(chiSquare(cells)).toBeLessThan(CHI_SQUARE_999[5]);
  });

  it("normal and fillUniform are scaled as asked", () => {
    const x = new Float32Array(50_000);
    new Rng(14).fillNormal(x, 5, 0.1);
    expect(x.reduce((a, b) => a + b, 0) / x.length).toBeCloseTo(5, 2);
    new Rng(14).fillUniform(x, 2, 4);
    expect(x.reduce((a, b) => a + b, 0) / x.length).toBeCloseTo(3, 1);
    expect(Math.min(...x)).toBeGreaterThanOrEqual(2);
  });

  it("permutation: all 24 orders of four are equally likely", () => {
    const rng = new Rng(15);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = rng.permutation(4).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()])).toBeLessThan(CHI_SQUARE_999[23]);
  });

  it("permutation holds every index once; shuffle keeps the elements and treats both kinds of array alike", () => {
    fc.assert(fc.property(seeds, fc.nat(200), (seed, n) => {
      expect([...new Rng(seed).permutation(n)].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      const list = Array.from({ length: n }, (_, i) => i);
      const typed = Uint16Array.from(list);
      new Rng(seed).shuffle(list);
      new Rng(seed).shuffle(typed);
      expect([...typed]).toEqual(list);
    }));
  });
});
