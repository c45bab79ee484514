// Losses against their formulas, written as loops. Derivatives: packages/autograd/src/functions.test.ts.
import { describe, expect, it } from "vitest";
import { conformance, type InputSpec } from "../../conformance.ts";
import { bceLoss, bceOp, bceWithLogits, bceWithLogitsOp, bceWithLogitsSlopeOp, cosineSimilarity, crossEntropy, huberLoss, huberOp, klDivLoss, klDivOp, l1Loss, mseLoss, nllLoss, Rng, smoothL1Loss, type Tensor, tensor } from "../../index.ts";

const numbers = (t: Tensor): number[] => Array.from(t.toArray());
const ints = (values: number[], shape: number[] = [values.length]): Tensor => tensor(Int32Array.from(values), shape);
const chance: NonNullable<InputSpec["fill"]> = (rng) => rng.uniform(0.05, 0.95);
const pairs = [[[], []], [[3], [3]], [[2, 3], [2, 3]], [[0, 2], [0, 2]]];

describe("the records of losses", () => {
  it("are complete", () => {
    conformance(bceOp, pairs.map(([a, b]) => ({ inputs: [{ shape: a!, fill: chance }, { shape: b!, fill: chance }], attrs: null })));
    conformance(bceWithLogitsSlopeOp, pairs.map(([a, b]) => ({ inputs: [{ shape: a! }, { shape: b!, fill: chance }], attrs: null })));
    conformance(bceWithLogitsOp, pairs.map(([a, b]) => ({ inputs: [{ shape: a! }, { shape: b!, fill: chance }], attrs: null })));
    conformance(klDivOp, pairs.map(([a, b]) => ({ inputs: [{ shape: a! }, { shape: b!, fill: chance }], attrs: null })));
    for (const delta of [0.5, 2]) conformance(huberOp, pairs.map(([a]) => ({ inputs: [{ shape: a! }], attrs: { delta } })));
  });
});

describe("losses of numbers", () => {
  const [x, y] = [tensor([[0, 1], [3, -5]]), tensor([[0.5, -1], [3, 1]])];

  it("have the known values under each reduction", () => {
    expect(numbers(mseLoss(x, y, { reduction: "none" }))).toEqual([0.25, 4, 0, 36]);
    expect(mseLoss(x, y, { reduction: "none" }).shape).toEqual([2, 2]);
    expect([mseLoss(x, y).item(), mseLoss(x, y, { reduction: "sum" }).item()]).toEqual([10.0625, 40.25]);
    expect(numbers(l1Loss(x, y, { reduction: "none" }))).toEqual([0.5, 2, 0, 6]);
    expect(numbers(huberLoss(x, y, { reduction: "none", delta: 2 }))).toEqual([0.125, 2, 0, 10]);
    expect(numbers(smoothL1Loss(x, y, { reduction: "none", beta: 2 }))).toEqual([0.0625, 1, 0, 5]);
    expect(numbers(smoothL1Loss(x, y, { reduction: "none", beta: 0 }))).toEqual([0.5, 2, 0, 6]);
    expect(mseLoss(tensor([]), tensor([])).item()).toBeNaN();
  });

  it("refuse [n, 1] against [n], and options that make no sense", () => {
    const [column, row] = [tensor([[1], [2]]), tensor([1, 2])];
    for (const [name, loss] of Object.entries({ mseLoss, l1Loss, smoothL1Loss, huberLoss, bceLoss, bceWithLogits, klDivLoss }))
      expect(() => loss(column, row)).toThrow(`${name}: the input is [2, 1], the target is [2]. They must be equal: nothing is broadcast here.`);
    expect(() => mseLoss(row, row, { reduction: "batchmean" as never })).toThrow('mseLoss: reduction is "batchmean". It must be one of "mean", "sum", "none".');
    expect(() => huberLoss(row, row, { delta: 0 })).toThrow("huberLoss: delta is 0. It needs a positive number.");
    expect(() => smoothL1Loss(row, row, { beta: -1 })).toThrow("smoothL1Loss: beta is -1.");
  });

  it("binary cross-entropy is the same from logits and from probabilities, and finite where it can be", () => {
    const logits = tensor(Float64Array.of(-2, 0.3, 4));
    const answers = tensor(Float64Array.of(1, 0, 0.25));
    const p = tensor(Float64Array.from(logits.toArray(), (v) => 1 / (1 + Math.exp(-v))));
    const weight = tensor(Float64Array.of(1, 2, 3));
    numbers(bceWithLogits(logits, answers, { weight, reduction: "none" })).forEach((v, i) => expect(v).toBeCloseTo(bceLoss(p, answers, { weight, reduction: "none" }).toArray()[i]!, 12));
    // A posWeight of 3 is three positive answers in place of one.
    const [one, three] = [bceWithLogits(logits, answers, { reduction: "none" }), bceWithLogits(logits, answers, { posWeight: tensor([3], { dtype: "f64" }), reduction: "none" })];
    numbers(three).forEach((v, i) => expect(v - one.toArray()[i]!).toBeCloseTo(2 * answers.toArray()[i]! * Math.log1p(Math.exp(-logits.toArray()[i]!)), 12));
    expect(numbers(bceLoss(tensor([0, 1, 0, 1]), tensor([0, 1, 1, 0]), { reduction: "none" }))).toEqual([0, 0, 100, 100]);
    expect(numbers(bceWithLogits(tensor([1000, -1000, 1000]), tensor([1, 0, 0]), { reduction: "none" }))).toEqual([0, 0, 1000]);
  });

  it("the divergence of a distribution from itself is 0, and a target of 0 costs nothing", () => {
    const logs = tensor([[Math.log(0.25), Math.log(0.75)], [0, -Infinity]]);
    expect(klDivLoss(tensor([[Math.log(0.25), Math.log(0.75)]]), tensor([[0.25, 0.75]]), { reduction: "sum" }).item()).toBeCloseTo(0, 6);
    expect(klDivLoss(tensor([[-Infinity, -2]]), tensor([[0, 1]]), { reduction: "batchmean" }).item()).toBe(2);
    expect(klDivLoss(logs, logs, { reduction: "mean", logTarget: true }).item()).toBeNaN(); // -Infinity - -Infinity
  });

  it("cosines lie along any axis, broadcast, and do not overflow", () => {
    expect(numbers(cosineSimilarity(tensor([[1, 0], [0, 2]]), tensor([3, 4]), { axis: -1 }))).toEqual([Math.fround(0.6), Math.fround(0.8)]);
    expect(cosineSimilarity(tensor([3e30, 4e30]), tensor([3e30, 4e30]), { axis: 0 }).item()).toBeCloseTo(1, 6);
    expect(cosineSimilarity(tensor([0, 0]), tensor([1, 1]), { axis: 0 }).item()).toBe(0);
    expect(() => cosineSimilarity(tensor([1]), tensor([1]))).toThrow("cosineSimilarity: axis 1 of a tensor with 1 axis.");
  });
});

describe("losses of class labels", () => {
  /** The definition, row by row, in plain numbers: scores [batch, classes, rest]. */
  function byHand(logs: readonly number[][], targets: readonly number[][], weight: readonly number[]): number[] {
    return logs.map((row, i) => -row.reduce((total, log, c) => total + weight[c]! * targets[i]![c]! * log, 0));
  }
  const rng = new Rng(5).stream("loss.test");
  const rows = Array.from({ length: 6 }, () => Array.from({ length: 4 }, () => rng.normal()));
  const logs = rows.map((row) => row.map((v) => v - Math.log(row.reduce((t, w) => t + Math.exp(w), 0))));
  const logits = tensor(Float64Array.from(rows.flat()), [6, 4]);
  const classes = [3, 0, -7, 2, 1, -7];
  const weights = [0.5, 1, 2, 0.25];
  const weight = tensor(Float64Array.from(weights));
  const labels = ints(classes);

  it("weights, smoothing and ignored labels follow the formula", () => {
    const s = 0.2;
    const counts = classes.map((label) => (label === -7 ? 0 : 1));
    const oneHot = classes.map((label) => weights.map((_, c) => (c === label ? 1 : 0)));
    const smooth = oneHot.map((row) => row.map((t) => t * (1 - s) + s / 4));
    const losses = byHand(logs, smooth, weights).map((v, i) => v * counts[i]!);
    const options = { weight, labelSmoothing: s, ignoreIndex: -7 };
    numbers(crossEntropy(logits, labels, { ...options, reduction: "none" })).forEach((v, i) => expect(v).toBeCloseTo(losses[i]!, 12));
    const total = losses.reduce((a, b) => a + b);
    expect(crossEntropy(logits, labels, { ...options, reduction: "sum" }).item()).toBeCloseTo(total, 12);
    expect(crossEntropy(logits, labels, options).item()).toBeCloseTo(total / classes.reduce((t, label) => t + (weights[label] ?? 0), 0), 12);

    const plain = byHand(logs, oneHot, [1, 1, 1, 1]).reduce((a, b) => a + b);
    expect(crossEntropy(logits, labels, { ignoreIndex: -7 }).item()).toBeCloseTo(plain / 4, 12);
    expect(nllLoss(tensor(Float64Array.from(logs.flat()), [6, 4]), labels, { ignoreIndex: -7 }).item()).toBeCloseTo(plain / 4, 12);
  });

  it("one-hot probabilities are labels, with smoothing too", () => {
    const known = ints([3, 0, 1, 2, 1, 0]);
    const chances = tensor(Float64Array.from([3, 0, 1, 2, 1, 0].flatMap((label) => weights.map((_, c) => (c === label ? 1 : 0)))), [6, 4]);
    for (const labelSmoothing of [0, 0.3])
      for (const reduction of ["mean", "sum"] as const)
        expect(crossEntropy(logits, chances, { labelSmoothing, reduction }).item()).toBeCloseTo(crossEntropy(logits, known, { labelSmoothing, reduction }).item(), 12);
  });

  it("further axes follow the classes, and one axis is a single row", () => {
    // [2, 4, 3]: row (n, d) of six is n * 3 + d.
    const image = tensor(Float64Array.from({ length: 24 }, (_, i) => rows[Math.floor(i / 12) * 3 + (i % 3)]![Math.floor(i / 3) % 4]!), [2, 4, 3]);
    const losses = crossEntropy(image, ints(classes, [2, 3]), { ignoreIndex: -7, reduction: "none" });
    expect(losses.shape).toEqual([2, 3]);
    numbers(losses).forEach((v, i) => expect(v).toBeCloseTo(classes[i] === -7 ? 0 : -logs[i]![classes[i]!]!, 12));
    expect(crossEntropy(tensor(Float64Array.from(rows[0]!)), ints([3], [])).item()).toBeCloseTo(-logs[0]![3]!, 12);
  });

  it("without any row that counts the mean is NaN and the sum 0", () => {
    expect(crossEntropy(tensor([[1, 2]]), ints([-100])).item()).toBeNaN();
    expect(nllLoss(tensor([[1, 2]]), ints([-100]), { reduction: "sum" }).item()).toBe(0);
  });

  it("refuse labels, weights and options that do not fit", () => {
    expect(() => nllLoss(tensor([[1, 2, 3]]), ints([3]))).toThrow("nllLoss: label 3 at position 0 is outside [0, 3).");
    expect(() => crossEntropy(tensor([[1, 2]]), ints([-1]), { reduction: "sum" })).toThrow("crossEntropy: label -1 at position 0 is outside [0, 2).");
    expect(() => nllLoss(tensor([[1, 2]]), ints([0, 1]))).toThrow("nllLoss: the scores are [1, 2], the labels are [2]. It needs a label for each row of classes, [1].");
    expect(() => nllLoss(tensor(1), ints([0]))).toThrow("nllLoss: the scores are [].");
    expect(() => nllLoss(tensor([[1, 2]]), tensor([0]))).toThrow("nllLoss: inputs have the element types f32, f32.");
    expect(() => crossEntropy(tensor([[1, 2]]), ints([0]), { weight: tensor([1]) })).toThrow("crossEntropy: the weight is [1]. It needs a factor for each class, [2].");
    expect(() => crossEntropy(tensor([[1, 2]]), ints([0]), { labelSmoothing: 2 })).toThrow("crossEntropy: labelSmoothing is 2. It must lie in [0, 1].");
  });
});

describe("probabilities", () => {
  it("outside [0, 1] are refused with their place; NaN goes on, and the edges are probabilities", () => {
    for (const wrong of [-0.5, 1.5, 1 + 2 ** -23, -(2 ** -126), Infinity]) {
      expect(() => bceLoss(tensor([0.5, wrong]), tensor([1, 1]))).toThrow(/^bceLoss: p is .* at position 1\. It must be a probability in \[0, 1\]/);
      expect(() => bceLoss(tensor([0.5, 0.5]), tensor([1, wrong]))).toThrow(/^bceLoss: y is/);
      expect(() => bceWithLogits(tensor([0.5, 0.5]), tensor([1, wrong]))).toThrow(/^bceWithLogits: y is/);
    }
    expect(bceLoss(tensor([NaN]), tensor([1])).item()).toBeNaN();
    expect(numbers(bceLoss(tensor([-0, 1]), tensor([0, 1]), { reduction: "none" }))).toEqual([0, 0]);
  });
});
