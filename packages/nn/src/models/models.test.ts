import { describe, expect, it } from "vitest";
import { backward, gradcheck } from "@llr/autograd";
import { crossEntropy, noGrad, Rng, scope, tensor, zeros } from "@llr/tensor";
import { alexNetBN, alexNetBN32, denseNet, type Module, resNet18, resNetCifar } from "../index.ts";

const of = { rng: new Rng(1) };
const count = (model: Module) => model.parameters().reduce((n, p) => n + p.size, 0);

/** Images of four classes: a pattern for each, and noise. */
function images(size: number, perClass: number, seed: number): { data: Float32Array; labels: Int32Array } {
  const rng = new Rng(seed);
  const patterns = Array.from({ length: 4 }, () => Float32Array.from({ length: 3 * size * size }, () => rng.normal()));
  const labels = Int32Array.from({ length: 4 * perClass }, (_, i) => i % 4);
  const data = new Float32Array(labels.length * 3 * size * size);
  labels.forEach((label, i) => patterns[label].forEach((v, p) => (data[i * 3 * size * size + p] = v + 0.5 * rng.normal())));
  return { data, labels };
}

/** Losses of plain gradient descent on one batch. */
function train(model: Module, size: number, { steps, lr, perClass = 3 }: { steps: number; lr: number; perClass?: number }): number[] {
  const { data, labels } = images(size, perClass, 7);
  const rng = new Rng(2);
  return Array.from({ length: steps }, () =>
    scope(() => {
      const loss = crossEntropy(model.forward(tensor(data, [labels.length, 3, size, size]), { training: true, rng }), tensor(labels));
      model.zeroGrad();
      backward(loss);
      for (const p of model.parameters()) {
        const [data, gradient] = [p.data, p.grad!];
        for (let i = 0; i < data.length; i++) data[i] = data[i] - lr * gradient[i];
        p.afterUpdate();
      }
      return loss.item();
    }),
  );
}

describe("parameter counts", () => {
  it.each([[8, 75_290], [20, 269_722], [32, 464_154], [56, 853_018]])("of ResNet-%i with option A are the paper's", (depth, parameters) => {
    expect(count(resNetCifar({ ...of, depth }))).toBe(parameters);
  });

  it("of ResNet-20 with option B adds two convolutions of 1 x 1 with their normalisation", () => {
    expect(count(resNetCifar({ ...of, depth: 20, shortcut: "B" }))).toBe(269_722 + (16 * 32 + 64) + (32 * 64 + 128));
  });

  it("of ResNet-18, both AlexNets and both DenseNets are those of their sources", () => {
    expect(count(resNet18(of))).toBe(11_689_512);
    expect(count(alexNetBN32(of))).toBe(4_618_186);
    expect(count(denseNet({ ...of, depth: 40, growth: 12 }))).toBe(1_019_722);
    expect(count(denseNet({ ...of, depth: 22, growth: 8, bc: true }))).toBe(32_606);
  });

  it("of AlexNet for ImageNet is the original's, less the convolutions' biases, and it reads images of 227 x 227", () => {
    const model = alexNetBN(of);
    const channels = 96 + 256 + 384 + 384 + 256;
    expect(count(model)).toBe(60_965_224 - channels + 2 * channels);
    expect(noGrad(() => scope(() => model.forward(zeros([1, 3, 227, 227])))).shape).toEqual([1, 1000]);
  });
});

describe("models", () => {
  it.each<[string, () => Module, number, { steps: number; lr: number; perClass?: number }]>([
    ["ResNet-8", () => resNetCifar({ ...of, depth: 8, classes: 4 }), 16, { steps: 12, lr: 0.1 }],
    ["ResNet-20 with option B", () => resNetCifar({ ...of, depth: 20, classes: 4, shortcut: "B" }), 16, { steps: 10, lr: 0.1 }],
    ["ResNet-56", () => resNetCifar({ ...of, depth: 56, classes: 4 }), 8, { steps: 8, lr: 0.05 }],
    ["ResNet-18", () => resNet18({ ...of, classes: 4 }), 32, { steps: 4, lr: 0.02, perClass: 1 }],
    ["AlexNet-BN for 32 x 32", () => alexNetBN32({ ...of, classes: 4 }), 32, { steps: 4, lr: 0.05, perClass: 1 }],
    ["DenseNet-40-12", () => denseNet({ ...of, depth: 40, growth: 12, classes: 4 }), 8, { steps: 5, lr: 0.1 }],
    ["DenseNet-BC-22-8", () => denseNet({ ...of, depth: 22, growth: 8, bc: true, classes: 4 }), 8, { steps: 20, lr: 0.5 }],
  ])("%s learns four patterns: its loss falls by more than half", (_, make, size, options) => {
    const losses = train(make(), size, options);
    expect(losses.at(-1), losses.join(", ")).toBeLessThan(losses[0] / 2);
  });

  it.each<[string, () => Module, number[], number[]]>([
    ["ResNet-8 of option A", () => resNetCifar({ ...of, depth: 8, dtype: "f64" }), [2.564782398237126, 1.6510773915365218, 1.1573918075074732, 0.8405955245984104], [0.8524306666000502, -0.2370640703364037, -0.19950582991993926]],
    ["ResNet-8 of option B", () => resNetCifar({ ...of, depth: 8, shortcut: "B", dtype: "f64" }), [2.395814713224867, 1.6399901775413184, 1.185401211039717, 0.8805355011406149], [0.5467691412584896, -0.2122230822805096, -0.19806703765884687]],
    ["DenseNet-BC-22-8", () => denseNet({ ...of, depth: 22, growth: 8, bc: true, dtype: "f64" }), [2.309692696748121, 2.019930328505719, 1.8255170699639, 1.663662963935287], [0.6883518080331286, -0.3667091326949714, -0.2883513771425897]],
  ])("%s goes the way of the same net in PyTorch from the same start", (_, make, expected, firstLogits) => {
    // PyTorch 1.13 in float64, given our start values: four losses of gradient descent at rate 0.1, then logits in evaluation.
    const model = make();
    const x = new Float64Array(4 * 3 * 256);
    new Rng(2).fillNormal(x, 0, 1);
    const images = () => tensor(x, [4, 3, 16, 16]);
    for (const value of expected)
      scope(() => {
        const loss = crossEntropy(model.forward(images(), { training: true }), tensor(Int32Array.of(0, 3, 5, 9)));
        expect(loss.item()).toBeCloseTo(value, 9); // start values go through Math.log, whose last bit may differ
        model.zeroGrad();
        backward(loss);
        for (const p of model.parameters()) {
          p.grad!.forEach((g, i) => (p.data[i] -= 0.1 * g));
          p.afterUpdate();
        }
      });
    const logits = scope(() => model.forward(images())).toArray();
    firstLogits.forEach((value, i) => expect(logits[i]).toBeCloseTo(value, 9));
  });

  it("AlexNet with dropout draws from the generator it is given, and only in training", () => {
    const model = alexNetBN32({ ...of, classes: 4, dropout: true });
    const x = tensor(images(32, 1, 3).data, [4, 3, 32, 32]);
    const forward = (context: { training: boolean; rng?: Rng }) => noGrad(() => scope(() => model.forward(x, { ...context, updateStatistics: false }))).toArray();
    const seeded = (seed: number) => forward({ training: true, rng: new Rng(seed) });
    expect(seeded(1)).toEqual(seeded(1));
    expect(seeded(1)).not.toEqual(seeded(2));
    expect(() => forward({ training: true })).toThrow("dropout: there is no generator.");
    forward({ training: false });
  });

  it("evaluation does not depend on the other images of a batch, and training moves the statistics", () => {
    const model = resNetCifar({ ...of, depth: 8 });
    const { data } = images(8, 1, 3);
    const forward = (n: number) => noGrad(() => scope(() => model.forward(tensor(data.slice(0, n * 192), [n, 3, 8, 8])))).toArray().slice(0, 10);
    const alone = forward(1);
    forward(4).forEach((logit, i) => expect(logit).toBeCloseTo(alone[i], 4));
    scope(() => model.forward(tensor(data, [4, 3, 8, 8]), { training: true }));
    expect(forward(1)).not.toEqual(alone);
  });

  it("layers are listed from input to output, with their depth", () => {
    const named = resNetCifar({ ...of, depth: 8 }).namedParameters();
    expect([...new Set(named.map(({ layer, depth }) => `${depth} ${layer}`))].slice(0, 8)).toEqual([
      "0 conv1", "1 bn1", "2 stage1.block1.conv1", "3 stage1.block1.bn1", "4 stage1.block1.conv2", "5 stage1.block1.bn2", "6 stage2.block1.conv1", "7 stage2.block1.bn1",
    ]);
    expect(named.at(-1)).toMatchObject({ name: "fc.bias", layer: "fc" });
    const dense = denseNet({ ...of, depth: 10, growth: 8, bc: true }).layerNames();
    expect(dense).toContain("transition1.conv");
    expect(dense.at(-1)).toBe("fc");
  });

  it("a start does not depend on the model's depth, and is the same for the same seed", () => {
    const first = (depth: number, seed: number) => [...resNetCifar({ rng: new Rng(seed), depth }).parameters()[3].data.subarray(0, 4)];
    expect(first(8, 1)).toEqual(first(20, 1));
    expect(first(8, 1)).not.toEqual(first(8, 2));
  });

  it("the gradients of a small residual net and a small dense net equal central differences in float64", () => {
    const data = Float64Array.from(images(8, 1, 5).data.subarray(0, 3 * 192));
    const labels = Int32Array.of(0, 1, 2);
    for (const model of [resNetCifar({ ...of, depth: 8, dtype: "f64", shortcut: "A" }), denseNet({ ...of, depth: 10, growth: 2, bc: true, dtype: "f64" })]) {
      const some = model.parameters().filter((p) => p.size <= 32);
      const { error, worst } = gradcheck(() => crossEntropy(model.forward(tensor(data, [3, 3, 8, 8]), { training: true, updateStatistics: false }), tensor(labels)), some);
      expect(error, worst).toBeLessThan(1e-5); // a step may carry one of thousands of ReLUs over its kink
    }
  });

  it("depths that the stages cannot share are refused", () => {
    expect(() => resNetCifar({ ...of, depth: 18 })).toThrow("resNetCifar: depth is 18. It must be 6 n + 2");
    expect(() => denseNet({ ...of, depth: 40, growth: 12, bc: true })).not.toThrow();
    expect(() => denseNet({ ...of, depth: 12, growth: 12 })).toThrow("denseNet: depth is 12. It must be 3 n + 4");
  });
});
