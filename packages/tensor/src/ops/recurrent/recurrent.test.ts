import { describe, expect, it } from "vitest";
import { conformance, homesAgree } from "../../conformance.ts";
import {
  gru, gruCell, gruCellOp, lstm, lstmCell, lstmCellOp, memoryStats, noGrad, ones, type RecurrentWeights, Rng, rnn, rnnCell, rnnCellOp, scope, slice, tensor, type Tensor, transpose, zeros,
} from "../../index.ts";

const rng = new Rng(4).stream("recurrent.test");
const random = (shape: readonly number[]): Tensor => tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()), { shape, dtype: "f64" });
const numbers = (t: Tensor): number[] => Array.from(t.toArray());
const weightsFor = (gates: number, features: number, hidden: number): RecurrentWeights => ({
  wIh: random([gates * hidden, features]), wHh: random([gates * hidden, hidden]), bIh: random([gates * hidden]), bHh: random([gates * hidden]),
});

/** [batch, hidden], with widths that do and do not fill vectors. */
const sizes = [[1, 1], [3, 2], [2, 5], [1, 8], [3, 11], [0, 2], [2, 0]] as const;

describe("cells", () => {
  it("are complete: kernels equal the definitions and central differences", () => {
    conformance(rnnCellOp, sizes.map((shape) => ({ inputs: [{ shape }, { shape }], attrs: null })));
    // Their sums may cancel, and a result with a single entry is judged by that entry's size.
    conformance(lstmCellOp, sizes.slice(1).map(([b, h]) => ({ inputs: [{ shape: [b, 4 * h] }, { shape: [b, 4 * h] }, { shape: [b, h] }], attrs: null })));
    conformance(gruCellOp, sizes.slice(1).map(([b, h]) => ({ inputs: [{ shape: [b, 3 * h] }, { shape: [b, 3 * h] }, { shape: [3 * h] }, { shape: [b, h] }], attrs: null })));
  });

  it("give the same in every home, for many rows and widths", () => {
    const wide = [[20, 200], [33, 67], [300, 6], [1, 515]] as const;
    homesAgree(rnnCellOp, wide.map((shape) => ({ inputs: [{ shape }, { shape }], attrs: null })));
    homesAgree(lstmCellOp, wide.map(([b, h]) => ({ inputs: [{ shape: [b, 4 * h] }, { shape: [b, 4 * h] }, { shape: [b, h] }], attrs: null })));
    homesAgree(gruCellOp, wide.map(([b, h]) => ({ inputs: [{ shape: [b, 3 * h] }, { shape: [b, 3 * h] }, { shape: [3 * h] }, { shape: [b, h] }], attrs: null, terms: b })));
  });

  it("saturate without NaN", () => {
    expect(numbers(lstmCell(tensor([[1e4, 1e4, -1e4, 1e4]]), zeros([1, 4]), tensor([[3]])))).toEqual([Math.fround(Math.tanh(2)), 2]);
    expect(numbers(lstmCell(tensor([[-1e4, -1e4, 1e4, -1e4]]), zeros([1, 4]), tensor([[3]])))).toEqual([0, 0]);
    expect(numbers(gruCell(tensor([[-1e4, 1e4, 1]]), zeros([1, 3]), zeros([3]), tensor([[0.25]])))).toEqual([0.25]);
    expect(numbers(rnnCell(tensor([[-1e4]]), tensor([[0]])))).toEqual([-1]);
  });

  it("refuse gates that do not fit", () => {
    expect(() => lstmCell(ones([2, 6]), ones([2, 6]), ones([2, 2]))).toThrow("lstmCell: inputs are [2, 6], [2, 6], [2, 2]. It needs gates of x and of h, both [batch, 4 hidden]");
    expect(() => gruCell(ones([2, 6]), ones([2, 6]), ones([3]), ones([2, 2]))).toThrow("gruCell: inputs are [2, 6], [2, 6], [3], [2, 2]. It needs gates of x and of h, both [batch, 3 hidden]");
    expect(() => rnnCell(ones([2, 6]), ones([1, 6]))).toThrow("rnnCell: inputs are [2, 6], [1, 6]. It needs two of the same shape, [batch, hidden].");
  });
});

describe("rnn, gru and lstm", () => {
  const x = random([4, 2, 3]);
  const start = { h: random([1, 2, 5]), c: random([1, 2, 5]) };
  /** One unit of one batch entry at a time, straight from the formulas. */
  const sigmoid = (a: number): number => 1 / (1 + Math.exp(-a));
  const byHand = (gates: number, w: RecurrentWeights, cell: (a: number[], b: number[], h: number, c: number) => [number, number]): number[] => {
    const [wIh, wHh, bIh, bHh, xs] = [w.wIh, w.wHh, w.bIh, w.bHh, x].map(numbers) as [number[], number[], number[], number[], number[]];
    let [h, c] = [numbers(start.h), numbers(start.c)];
    const y: number[] = [];
    for (let t = 0; t < 4; t++) {
      const [nextH, nextC] = [[...h], [...c]];
      for (let b = 0; b < 2; b++)
        for (let u = 0; u < 5; u++) {
          const row = (g: number): number => g * 5 + u;
          const inputs = Array.from({ length: gates }, (_, g) => [0, 1, 2].reduce((sum, k) => sum + wIh[row(g) * 3 + k] * xs[(t * 2 + b) * 3 + k], bIh[row(g)]));
          const hiddens = Array.from({ length: gates }, (_, g) => [0, 1, 2, 3, 4].reduce((sum, k) => sum + wHh[row(g) * 5 + k] * h[b * 5 + k], bHh[row(g)]));
          [nextH[b * 5 + u], nextC[b * 5 + u]] = cell(inputs, hiddens, h[b * 5 + u], c[b * 5 + u]);
        }
      [h, c] = [nextH, nextC];
      y.push(...h);
    }
    return y;
  };
  const close = (actual: Tensor, expected: readonly number[]): void => {
    expect(actual.size).toBe(expected.length);
    numbers(actual).forEach((v, i) => expect(v).toBeCloseTo(expected[i], 12));
  };

  it("are their formulas, computed number by number", () => {
    const [w1, w3, w4] = [weightsFor(1, 3, 5), weightsFor(3, 3, 5), weightsFor(4, 3, 5)];
    close(rnn(x, start, [w1]).y, byHand(1, w1, ([a], [b]) => [Math.tanh(a + b), 0]));
    close(gru(x, start, [w3]).y, byHand(3, w3, (a, b, h) => {
      const [r, z] = [sigmoid(a[0] + b[0]), sigmoid(a[1] + b[1])];
      return [(1 - z) * Math.tanh(a[2] + r * b[2]) + z * h, 0];
    }));
    close(lstm(x, start, [w4]).y, byHand(4, w4, (a, b, _, c) => {
      const next = sigmoid(a[1] + b[1]) * c + sigmoid(a[0] + b[0]) * Math.tanh(a[2] + b[2]);
      return [sigmoid(a[3] + b[3]) * Math.tanh(next), next];
    }));
  });

  it("backwards is forwards on the reversed sequence, and both lie side by side", () => {
    const [forwards, backwards] = [weightsFor(4, 3, 5), weightsFor(4, 3, 5)];
    const two = { h: random([2, 2, 5]), c: random([2, 2, 5]) };
    const part = (t: Tensor, i: number): Tensor => slice(t, { starts: [i], ends: [i + 1] });
    const reversed = (t: Tensor): Tensor => slice(t, { starts: [-1], ends: [-9], steps: [-1] });
    const { y, h, c } = lstm(x, two, [forwards, backwards], { bidirectional: true });
    const alone = lstm(reversed(x), { h: part(two.h, 1), c: part(two.c, 1) }, [backwards]);
    expect(y.shape).toEqual([4, 2, 10]);
    close(slice(y, { starts: [5], ends: [10], axes: [2] }), numbers(reversed(alone.y)));
    close(part(h, 1), numbers(alone.h));
    close(part(c, 1), numbers(alone.c));
  });

  it("two layers are one after the other, and batchFirst swaps the first two axes", () => {
    const [low, high] = [weightsFor(3, 3, 5), weightsFor(3, 5, 5)];
    const both = { h: zeros([2, 2, 5], { dtype: "f64" }) };
    const one = { h: zeros([1, 2, 5], { dtype: "f64" }) };
    const y = gru(gru(x, one, [low]).y, one, [high]).y;
    close(gru(x, both, [low, high]).y, numbers(y));
    close(gru(transpose(x, [1, 0, 2]), both, [low, high], { batchFirst: true }).y, numbers(transpose(y, [1, 0, 2])));
    const dropped = gru(x, both, [low, high], { dropout: { p: 1, training: true, rng: new Rng(1) } }).y;
    close(dropped, numbers(gru(zeros([4, 2, 5], { dtype: "f64" }), one, [high]).y));
  });

  it("a cut sequence with carried state is the whole sequence", () => {
    const w = [weightsFor(4, 3, 5)];
    const whole = lstm(x, start, w);
    const first = lstm(slice(x, { starts: [0], ends: [3] }), start, w);
    const second = lstm(slice(x, { starts: [3], ends: [4] }), first, w);
    expect([...numbers(first.y), ...numbers(second.y)]).toEqual(numbers(whole.y));
    expect(numbers(second.c)).toEqual(numbers(whole.c));
  });

  it("no steps leave the state as it is, and no batch is no numbers", () => {
    const w = [weightsFor(4, 3, 5)];
    const none = lstm(zeros([0, 2, 3], { dtype: "f64" }), start, w);
    expect(none.y.shape).toEqual([0, 2, 5]);
    expect(numbers(none.h)).toEqual(numbers(start.h));
    expect(numbers(start.c)).toEqual(numbers(none.c));
    expect(gru(zeros([4, 0, 3], { dtype: "f64" }), { h: zeros([1, 0, 5], { dtype: "f64" }) }, [weightsFor(3, 3, 5)]).y.shape).toEqual([4, 0, 5]);
  });

  it("hold y and the last state, not every step, when nothing is recorded", () => {
    const [w, h] = [weightsFor(4, 3, 5), zeros([1, 8, 5], { dtype: "f64" })];
    const blocks = (steps: number): number => scope(() => {
      const results = noGrad(() => lstm(zeros([steps, 8, 3], { dtype: "f64" }), { h, c: h }, [w]));
      return results.y.size > 0 ? memoryStats().blocks : NaN;
    });
    expect(blocks(50)).toBe(blocks(2));
  });

  it("name what does not fit", () => {
    const w = weightsFor(4, 3, 5);
    expect(() => lstm(random([4, 3]), start, [w])).toThrow("lstm: x is [4, 3]. It needs [time, batch, features].");
    expect(() => lstm(x, { ...start, c: random([2, 5]) }, [w])).toThrow("lstm: c is [2, 5]. x [4, 2, 3] and the weights need [1, 2, 5]: [layers x directions, batch, hidden].");
    expect(() => lstm(x, start, [weightsFor(4, 2, 5)])).toThrow("lstm: wIh of layer 0 is [20, 2]. 3 features and 5 hidden units need [20, 3]: 4 gates of 5 rows.");
    expect(() => gru(x, start, [w])).toThrow("gru: wIh of layer 0 is [20, 3].");
    expect(() => lstm(x, start, [w], { bidirectional: true })).toThrow("lstm: there are weights for 1 layers and directions. It needs at least one, and a pair for each layer");
    expect(() => rnn(x, start, [])).toThrow("rnn: there are weights for 0 layers");
    expect(() => lstm(zeros([4, 2, 3]), start, [w])).toThrow("element types f32, f64");
  });
});
