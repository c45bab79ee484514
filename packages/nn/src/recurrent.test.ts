import { backward, gradcheck } from "@llr/autograd";
import { crossEntropy, type HiddenState, ones, reshape, Rng, scope, sum, tensor, type Tensor, zeros } from "@llr/tensor";
import { describe, expect, it } from "vitest";
import type { LanguageModel } from "./index.ts";
import { Dropout, Embedding, GRU, gruLanguageModel, LSTM, lstmLanguageModel, RNN, rnnLanguageModel } from "./index.ts";

const total = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
const numbers = (t: Tensor): number[] => [...t.toArray()];

describe("Embedding and Dropout", () => {
  it("an embedding starts standard normal, and its padding row at zero wherever it is counted from", () => {
    const { weight } = new Embedding(500, 40, { rng: new Rng(1) });
    const mean = total(weight.data) / weight.size;
    const variance = total(Array.from(weight.data, (w) => (w - mean) ** 2)) / weight.size;
    // Four standard deviations of the mean and of the variance of 20,000 draws; the seed is fixed.
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(20_000));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / 20_000));
    for (const paddingIdx of [2, -1]) {
      const layer = new Embedding(3, 2, { rng: new Rng(1), paddingIdx });
      expect([...layer.weight.data.subarray(4)]).toEqual([0, 0]);
      scope(() => backward(sum(layer.forward(tensor(Int32Array.of(2, 0, 2))))));
      expect([...layer.weight.grad!]).toEqual([1, 1, 0, 0, 0, 0]);
    }
  });

  it("dropout acts in training only, and refuses what is no probability", () => {
    const layer = new Dropout(1);
    expect(numbers(layer.forward(ones([3])))).toEqual([1, 1, 1]);
    expect(numbers(layer.forward(ones([3]), { training: true, rng: new Rng(1) }))).toEqual([0, 0, 0]);
    expect(() => new Dropout(2)).toThrow("Dropout: p is 2. It must lie in [0, 1]");
  });
});

describe("RNN, GRU and LSTM", () => {
  it("have PyTorch's parameters, in its order", () => {
    const model = new GRU(3, 4, { rng: new Rng(1), layers: 2, bidirectional: true });
    const place = (suffix: string, features: number) => [
      [`weight_ih_${suffix}`, [12, features]], [`weight_hh_${suffix}`, [12, 4]], [`bias_ih_${suffix}`, [12]], [`bias_hh_${suffix}`, [12]],
    ];
    expect(model.parameters().map((p) => [p.name, p.shape])).toEqual([...place("l0", 3), ...place("l0_reverse", 3), ...place("l1", 8), ...place("l1_reverse", 8)]);
    expect(model.parameters().every((p) => p.data.every((w) => Math.abs(w) <= 0.5))).toBe(true);
    expect(Math.max(...model.parameters().flatMap((p) => [...p.data]))).toBeGreaterThan(0.45);
  });

  it("without biases are as with biases of zero, and learn weights only", () => {
    for (const Layer of [RNN, GRU, LSTM]) {
      const [without, zeroed] = [new Layer(3, 4, { rng: new Rng(1), bias: false }), new Layer(3, 4, { rng: new Rng(1) })];
      for (const p of zeroed.parameters()) if (p.name.startsWith("bias")) p.data.fill(0);
      expect(without.parameters().map((p) => p.name)).toEqual(["weight_ih_l0", "weight_hh_l0"]);
      expect(numbers(without.forward(ones([5, 2, 3])))).toEqual(numbers(zeroed.forward(ones([5, 2, 3]))));
      scope(() => backward(sum(without.forward(ones([5, 2, 3])))));
      expect(without.parameters().every((p) => p.grad!.some((g) => g !== 0))).toBe(true);
    }
  });

  it("one sequence in two pieces gives what it gives in one", () => {
    const x = tensor(Float32Array.from({ length: 30 }, (_, i) => Math.sin(i)), [5, 2, 3]);
    const part = (from: number, to: number): Tensor => tensor(x.toArray().slice(from * 6, to * 6), [to - from, 2, 3]);
    const model = new LSTM(3, 4, { rng: new Rng(1), layers: 2 });
    const first = model.unroll(part(0, 2), null);
    const second = model.unroll(part(2, 5), first.state);
    expect([...numbers(first.y), ...numbers(second.y)]).toEqual(numbers(model.forward(x)));
  });

  it("take what batchFirst says, and dropout between layers in training", () => {
    const model = new RNN(3, 4, { rng: new Rng(1), layers: 2, batchFirst: true, dropout: 0.5 });
    const x = ones([2, 5, 3]);
    expect(model.forward(x).shape).toEqual([2, 5, 4]);
    expect(model.unroll(x, null).state.h.shape).toEqual([2, 2, 4]);
    expect(numbers(model.forward(x, { training: true, rng: new Rng(1) }))).not.toEqual(numbers(model.forward(x)));
    expect(() => model.forward(x, { training: true })).toThrow("dropout: there is no generator");
    expect(() => new RNN(3, 0, { rng: new Rng(1) })).toThrow("RNN: hidden is 0. It must be a whole number of at least 1.");
  });
});

describe("language models", () => {
  /** abacabde again and again: what follows a and b is only known from further back. */
  const TEXT = Int32Array.from({ length: 600 }, (_, i) => [0, 1, 0, 2, 0, 1, 3, 4][i % 8]);
  const [TIME, BATCH] = [10, 4];
  const piece = (start: number): { tokens: Tensor; labels: Tensor } => {
    const at = (shift: number): Int32Array => Int32Array.from({ length: TIME * BATCH }, (_, i) => TEXT[start + Math.floor(i / BATCH) + (i % BATCH) * 140 + shift]);
    return { tokens: tensor(at(0), [TIME, BATCH]), labels: tensor(at(1)) };
  };

  /** Plain descent by clipped steps, on pieces of the text whose state is carried from one to the next. */
  function train<S extends HiddenState>(model: LanguageModel<S>, steps: number): number[] {
    const rng = new Rng(7);
    let state: S | null = null;
    return Array.from({ length: steps }, (_, step) => {
      if (step % 12 === 0) state = null;
      const { loss, next } = scope(() => {
        const { tokens, labels } = piece((step % 12) * TIME);
        const result = model.predict(tokens, state, { training: true, rng });
        const value = crossEntropy(reshape(result.logits, [TIME * BATCH, 5]), labels);
        model.zeroGrad();
        backward(value);
        return { loss: value.item(), next: result.state };
      });
      state = next;
      const norm = Math.hypot(...model.parameters().flatMap((p) => [...p.grad!]));
      for (const p of model.parameters()) {
        p.data.forEach((w, i) => (p.data[i] = w - 2 * Math.min(1, 0.5 / norm) * p.grad![i]));
        p.afterUpdate();
      }
      return loss;
    });
  }

  it.each([["lstm", lstmLanguageModel], ["gru", gruLanguageModel], ["rnn", rnnLanguageModel]] as const)("%s learns a text whose next letter depends on more than the last", (_, make) => {
    const model = make({ tokens: 5, hidden: 16, layers: 2, dropout: 0.1, rng: new Rng(3) }) as LanguageModel<HiddenState>;
    const losses = train(model, 240);
    expect(losses[0]).toBeCloseTo(Math.log(5), 0);
    // By the last letter alone: after a (3 of 8) comes b, b or c, 0.64 nats; after b (2 of 8) a or d, 0.69; 0.41 on average.
    expect(total(losses.slice(-12)) / 12).toBeLessThan(0.2);
  });

  it("share the decoder's weight with the embedding, or not", () => {
    const of = { tokens: 6, hidden: 4, rng: new Rng(1) };
    expect(lstmLanguageModel(of).parameters().map((p) => p.name)).toEqual(["encoder.weight", "rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0", "rnn.bias_hh_l0", "decoder.bias"]);
    const untied = gruLanguageModel({ ...of, features: 3 }).parameters();
    expect(untied.map((p) => p.name)).toContain("decoder.weight");
    expect(untied[0].shape).toEqual([6, 3]);
    expect(() => rnnLanguageModel({ ...of, features: 3, tied: true })).toThrow("languageModel: features are 3, hidden is 4. A tied decoder needs them equal");
  });

  it("the gradients of a whole model equal central differences in float64", () => {
    const model = lstmLanguageModel({ tokens: 4, hidden: 3, layers: 2, dropout: 0.3, rng: new Rng(5), dtype: "f64" });
    const tokens = Int32Array.of(0, 1, 3, 3, 2, 0);
    const state = model.predict(tensor(tokens, [3, 2]), null).state;
    const loss = (): Tensor => crossEntropy(reshape(model.predict(tensor(tokens, [3, 2]), state, { training: true, rng: new Rng(1) }).logits, [6, 4]), tensor(tokens));
    const { error, worst } = gradcheck(loss, model.parameters());
    expect(error, worst).toBeLessThan(1e-6);
    expect(state.h.dtype).toBe("f64");
  });

  it("the carried state leaves its scope as numbers without history", () => {
    const model = lstmLanguageModel({ tokens: 4, hidden: 3, rng: new Rng(5) });
    const state = scope(() => model.predict(zeros([2, 1], { dtype: "i32" }), null).state);
    expect([state.h.isTracked, state.c.isTracked]).toEqual([false, false]);
    expect(model.predict(zeros([2, 1], { dtype: "i32" }), state).state.h.isTracked).toBe(false);
  });
});
