import { Rng } from "@llr/tensor";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { biasUniform, fans, gain, kaimingNormal, kaimingSpread, kaimingUniform, xavierNormal, xavierSpread, xavierUniform, type Nonlinearity } from "./init.ts";

const rng = (): Rng => new Rng(7).stream("init");

const meanSquare = (x: ArrayLike<number>): number => Array.from(x).reduce((sum, v) => sum + v * v, 0) / x.length;

describe("fans", () => {
  it("are the two sizes of a Linear weight, times the kernel's area for a convolution", () => {
    expect(fans([10, 20])).toEqual({ fanIn: 20, fanOut: 10 });
    expect(fans([16, 8, 5])).toEqual({ fanIn: 40, fanOut: 80 });
    expect(fans([64, 3, 3, 3])).toEqual({ fanIn: 27, fanOut: 576 });
  });

  it("of a vector or of an impossible size are refused with the shape", () => {
    expect(() => fans([5])).toThrow("fans: the shape is [5]. It needs a weight of at least two axes");
    for (const size of [0, -1, 1.5, Number.NaN]) expect(() => fans([3, size])).toThrow(`fans: the shape is [3, ${size}]`);
  });
});

describe("gain", () => {
  it("has the values of torch.nn.init.calculate_gain", () => {
    // Values of PyTorch 1.13.
    const torch: [Nonlinearity, number | undefined, number][] = [
      ["linear", undefined, 1], ["sigmoid", undefined, 1], ["tanh", undefined, 1.6666666666666667], ["relu", undefined, Math.SQRT2],
      ["leakyRelu", undefined, 1.4141428569978354], ["leakyRelu", 2.23606797749979, 0.5773502691896257], ["selu", undefined, 0.75],
    ];
    for (const [name, param, value] of torch) expect(gain(name, param)).toBeCloseTo(value, 14);
  });

  it("of relu and leakyRelu makes up exactly for the mean square that they take", () => {
    const x = new Float64Array(400_000);
    rng().fillNormal(x);
    for (const slope of [0, 0.2, 1]) {
      const lost = meanSquare(x.map((v) => (v < 0 ? slope * v : v))) / meanSquare(x);
      // 1%: the share of the negative half is estimated from 400,000 samples.
      expect(Math.abs(gain("leakyRelu", slope) ** 2 * lost - 1)).toBeLessThan(0.01);
    }
    expect(gain("relu")).toBe(gain("leakyRelu", 0));
  });

  it("refuses unknown names, names of Object's own, slopes that are not finite, and a parameter where there is none", () => {
    for (const name of ["gelu", "constructor", "__proto__", undefined]) expect(() => gain(name as Nonlinearity)).toThrow(`gain: unknown non-linearity ${name}`);
    expect(() => gain("leakyRelu", Number.NaN)).toThrow("gain: param is NaN");
    expect(() => gain("relu", 0.2)).toThrow("gain: param is 0.2, but relu has no parameter");
  });
});

describe("spreads", () => {
  it("are PyTorch's", () => {
    // Values of PyTorch 1.13, in float64.
    expect(kaimingSpread([64, 3, 3, 3], { nonlinearity: "sigmoid" })).toMatchObject({ std: 0.19245008972987526, uniformBound: 0.3333333333333333 });
    expect(kaimingSpread([16, 8, 5], { mode: "fanOut", nonlinearity: "leakyRelu", param: Math.sqrt(5) }).std).toBeCloseTo(0.06454972243679027, 15);
    expect(xavierSpread([16, 8, 5]).std).toBeCloseTo(0.12909944487358055, 15);
    expect(xavierSpread([64, 3, 3, 3], { nonlinearity: "leakyRelu" }).uniformBound).toBeCloseTo(0.1410620702445262, 15);
  });

  it("of a square layer without a non-linearity are equal for both rules and both modes", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 7 }), (n, k) => {
      const { std } = xavierSpread([n, n, k, k]);
      expect(kaimingSpread([n, n, k, k], { nonlinearity: "linear" }).std).toBeCloseTo(std, 14);
      expect(kaimingSpread([n, n, k, k], { mode: "fanOut", nonlinearity: "linear" }).std).toBeCloseTo(std, 14);
    }));
  });

  it("refuse a mode that is neither", () => {
    expect(() => kaimingSpread([2, 2], { mode: "fan_in" as "fanIn" })).toThrow("kaimingSpread: mode is fan_in. It must be fanIn or fanOut.");
  });
});

describe("initial values", () => {
  const shape = [200, 50, 3, 3];

  it.each([
    ["kaimingNormal", kaimingNormal, kaimingSpread(shape), "normal"],
    ["kaimingUniform", kaimingUniform, kaimingSpread(shape), "uniform"],
    ["xavierNormal", xavierNormal, xavierSpread(shape), "normal"],
    ["xavierUniform", xavierUniform, xavierSpread(shape), "uniform"],
  ] as const)("%s has the spread that it computes and the kurtosis of its distribution", (_, make, { std, uniformBound }, form) => {
    const { data } = make(shape, { rng: rng() });
    expect(data.length).toBe(90_000);
    // 2%: four standard errors of a variance from 90,000 samples.
    expect(Math.abs(meanSquare(data) / std ** 2 - 1)).toBeLessThan(0.02);
    const kurtosis = Array.from(data).reduce((sum, v) => sum + v ** 4, 0) / data.length / meanSquare(data) ** 2;
    expect(kurtosis).toBeCloseTo(form === "normal" ? 3 : 1.8, 1);
    const largest = Array.from(data).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    if (form === "uniform") expect(largest / uniformBound).toBeCloseTo(1, 3);
  });

  it("with Kaiming keep the mean square of the values through ten relu layers", () => {
    const n = 256;
    const r = rng();
    let x: Float64Array = new Float64Array(n);
    r.fillNormal(x);
    const before = meanSquare(x);
    for (let layer = 0; layer < 10; layer++) {
      const w = kaimingNormal([n, n], { rng: r }).data;
      x = Float64Array.from({ length: n }, (_, i) => x.reduce((sum, v, j) => sum + w[i * n + j] * Math.max(0, v), 0));
    }
    // Without the gain of sqrt(2) it would be 2^-10 of this. A factor of 3 is the scatter at this width.
    expect(meanSquare(x) / before).toBeGreaterThan(1 / 3);
    expect(meanSquare(x) / before).toBeLessThan(3);
  });

  it("are the same for the same stream, and those of float32 are the rounded ones of float64", () => {
    const f64 = kaimingUniform([8, 4], { rng: rng(), dtype: "f64" }).data;
    expect(f64).toBeInstanceOf(Float64Array);
    expect(kaimingUniform([8, 4], { rng: rng() }).data).toEqual(Float32Array.from(f64));
  });

  it("of a bias are one an output, within 1 / sqrt(fanIn) of the weight", () => {
    const { shape, data } = biasUniform([6, 16, 5, 5], { rng: rng() });
    expect(shape).toEqual([6]);
    expect(data.every((b) => Math.abs(b) <= 1 / Math.sqrt(400))).toBe(true);
    expect(new Set(data).size).toBe(6);
  });
});
