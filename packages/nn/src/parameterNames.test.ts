import { parameter, type Parameter } from "@llr/autograd";
import { Rng, type Tensor } from "@llr/tensor";
import { describe, expect, it } from "vitest";
import { leNet5, Linear, mlp, Module, Sequential, summary } from "./index.ts";

const linear = (): Linear => new Linear(2, 2, { rng: new Rng(1) });
const named = (parameters: readonly Parameter[]): string[] => parameters.map((p) => `${p.layer}: ${p.name}`);

describe("asking a part of a model", () => {
  it("renames nothing: its parameters keep the name and layer that they have in the model", () => {
    const body = new Sequential({ fc1: linear(), blocks: new Sequential({ fc2: linear() }) });
    const model = new Sequential({ body, head: linear() });
    const before = named(model.parameters());
    body.freeze("fc1");
    body.unfreeze();
    body.zeroGrad();
    body.loadStateDict(body.stateDict());
    body.namedParameters();
    summary(body, [2]);
    named(model.parameters().slice(0, 1));
    expect(named(body.parameters())).toEqual(before.slice(0, 4));
    expect(before[2]).toBe("body.blocks.fc2: body.blocks.fc2.weight");
  });

  it("goes by paths from the part: patterns, saved states, layers and the rows of a summary", () => {
    const body = new Sequential({ fc1: linear(), fc2: linear() });
    const model = new Sequential({ body });
    model.parameters();
    expect(body.freeze("fc1")).toEqual(["fc1.weight", "fc1.bias"]);
    expect(() => body.freeze("body.fc1")).toThrow("body.fc1 fits none of the parameters fc1.weight");
    expect(model.freeze("body.fc1")).toEqual(["body.fc1.weight", "body.fc1.bias"]);
    expect(Object.keys(body.stateDict())).toEqual(["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
    expect(body.layerNames()).toEqual(["fc1", "fc2"]);
    expect(body.namedParameters().map(({ name, layer, depth }) => [name, layer, depth]).at(-1)).toEqual(["fc2.bias", "fc2", 1]);
    expect(summary(body, [2]).parameters).toBe(12);
  });

  it("in the other order, the part first, the model gives the longer names", () => {
    const body = new Sequential({ fc: linear() });
    expect(named(body.parameters())).toEqual(["fc: fc.weight", "fc: fc.bias"]);
    expect(named(new Sequential({ body }).parameters())).toEqual(["body.fc: body.fc.weight", "body.fc: body.fc.bias"]);
  });

  it("a parameter used in two places keeps its first name when the other place is asked", () => {
    class Decoder extends Module {
      readonly kernel: Parameter;
      constructor(kernel: Parameter) {
        super();
        this.kernel = kernel;
      }
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    const encoder = linear();
    const decoder = new Decoder(encoder.weight);
    const model = new Sequential({ encoder, decoder });
    model.parameters();
    expect(decoder.parameters().map((p) => p.name)).toEqual(["encoder.weight"]);
    expect(Object.keys(decoder.stateDict())).toEqual(["kernel"]);
  });
});

describe("a part in another model", () => {
  it("gets that model's names", () => {
    const body = mlp([2, 2, 2], { rng: new Rng(1) });
    new Sequential({ body }).parameters();
    expect(new Sequential({ encoder: body, head: linear() }).parameters().map((p) => p.name)).toEqual(["encoder.fc1.weight", "encoder.fc1.bias", "encoder.fc2.weight", "encoder.fc2.bias", "head.weight", "head.bias"]);
  });

  it("never shares a name: parts of two models bring equal ones along", () => {
    const parts = [1, 2].map(() => {
      const fc = linear();
      new Sequential({ body: new Sequential({ a: fc, b: fc }) }).parameters();
      return fc;
    });
    const model = new Sequential({ a: parts[0], b: parts[1] });
    expect(model.parameters().map((p) => p.name)).toEqual(["a.weight", "a.bias", "b.weight", "b.bias"]);
  });

  it("names what was named by hand, as ever", () => {
    class Scaled extends Module {
      readonly scale = parameter([2], { name: "my.scale" });
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    expect(new Scaled().parameters()[0].name).toBe("scale");
    expect(leNet5({ rng: new Rng(1) }).parameters()[0].name).toBe("conv1.weight");
  });
});
