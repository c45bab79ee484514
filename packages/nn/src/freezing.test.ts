import { describe, expect, it } from "vitest";
import { backward, formatHistory, grad } from "@llr/autograd";
import { crossEntropy, Rng, tensor } from "@llr/tensor";
import { leNet5, lstmLanguageModel, mlp, resNetCifar } from "./index.ts";

const x = tensor([[1, -2, 3], [0.5, 1, -1]]);
const labels = tensor(Int32Array.of(0, 1));

describe("freeze", () => {
  it("takes names of parameters, of layers, of blocks, and patterns", () => {
    const model = resNetCifar({ depth: 8, rng: new Rng(1) });
    const names = model.parameters().map((p) => p.name);
    const blocks = [...new Set(names.map((name) => name.split(".")[0]))];
    expect(model.freeze(blocks[1])).toEqual(names.filter((name) => name.startsWith(`${blocks[1]}.`)));
    expect(model.unfreeze()).toEqual([]);
    expect(model.freeze(["fc.bias", "*.conv1", "*bn*.weight"])).toEqual(names.filter((n) => n === "fc.bias" || n.includes(".conv1.") || /bn\d\.weight/.test(n)));
    expect(model.freeze()).toEqual(names);
    expect(model.unfreeze("fc")).toEqual(names.slice(0, -2));
    expect(lstmLanguageModel({ tokens: 5, hidden: 3, rng: new Rng(1) }).freeze("rnn.*_ih_*")).toEqual(["rnn.weight_ih_l0", "rnn.bias_ih_l0"]);
  });

  it("refuses a name that fits nothing, before anything is frozen", () => {
    const model = mlp([3, 4, 2], { rng: new Rng(1) });
    for (const pattern of ["fc", "fc1.", "c1", "fc?", "", "fc1.weight.x"])
      expect(() => model.freeze(["fc1", pattern])).toThrow(`freeze: ${pattern} fits none of the parameters fc1.weight, fc1.bias, fc2.weight, fc2.bias.`);
    expect(() => model.unfreeze("fc3")).toThrow("unfreeze: fc3 fits none");
    expect(model.parameters().some((p) => p.frozen)).toBe(false);
  });

  it("frozen parameters get no gradient, the others theirs to the last bit", () => {
    const gradients = (frozen: string[]) => {
      const model = mlp([3, 5, 4, 2], { rng: new Rng(1) });
      model.freeze(frozen);
      backward(crossEntropy(model.forward(x), labels));
      return model.parameters().map((p) => [p.name, p.grad && [...p.grad]] as const);
    };
    const all = gradients([]);
    for (const frozen of [["fc1"], ["fc2"], ["fc3"], ["*.bias"], ["fc1", "fc3.weight"]]) {
      const some = gradients(frozen);
      const learning = some.filter(([, g]) => g !== null);
      expect(learning).toEqual(all.filter(([name]) => learning.some(([n]) => n === name)));
      expect(some.length - learning.length).toBe(frozen[0] === "*.bias" || frozen.length > 1 ? 3 : 2);
    }
  });

  it("nothing is kept for layers below the first that learns, and nothing at all if none does", () => {
    const model = mlp([3, 5, 4, 2], { rng: new Rng(1) });
    model.freeze(["fc1", "fc2"]);
    expect(formatHistory(model.forward(x)).replaceAll(/#\d+/g, "#")).toBe("# add [2, 2] <- #, fc3.bias\n# matmul [2, 2] <- constant, fc3.weight");
    model.freeze();
    expect(() => backward(crossEntropy(model.forward(x), labels))).toThrow("backward: the loss has no history: nothing it was computed from is a parameter that learns");
    expect(() => grad(crossEntropy(model.forward(x), labels), model.parameters())).toThrow("grad: ");
  });

  it("drops the gradient that is there, and takes none from a pass that had begun", () => {
    const model = mlp([3, 4, 2], { rng: new Rng(1) });
    const [weight, bias] = model.parameters();
    backward(crossEntropy(model.forward(x), labels));
    const loss = crossEntropy(model.forward(x), labels);
    model.freeze("fc1.weight");
    expect([weight.grad, bias.grad === null]).toEqual([null, false]);
    backward(loss);
    expect(weight.grad).toBeNull();
    expect(() => grad(crossEntropy(model.forward(x), labels), [weight])).toThrow("grad: input 0 is fc1.weight, which is frozen. Set its frozen to false before computing the loss.");
  });

  it("a frozen parameter is found by name where numbers are not finite, or were changed too early", () => {
    const model = mlp([3, 4, 2], { rng: new Rng(1) });
    model.freeze("fc2.weight");
    const loss = crossEntropy(model.forward(x), labels);
    model.parameters()[2].afterUpdate();
    expect(() => backward(loss)).toThrow("backward: fc2.weight was updated in place");
  });

  it("is not part of the saved state, which still loads", () => {
    const model = leNet5({ rng: new Rng(1) });
    model.freeze("conv*");
    const other = leNet5({ rng: new Rng(2) });
    other.freeze("fc1");
    other.loadStateDict(model.stateDict());
    expect(other.stateDict()).toEqual(model.stateDict());
    expect(other.parameters().filter((p) => p.frozen)).toHaveLength(2);
  });
});
