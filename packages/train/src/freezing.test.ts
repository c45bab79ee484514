import { describe, expect, it } from "vitest";
import { backward } from "@llr/autograd";
import { mlp } from "@llr/nn";
import type { Optimizer, Param, UpdateKernels } from "@llr/optim";
import { adamW, lamb, lars, sgd } from "@llr/optim";
import { crossEntropy, Rng, scope, tensor } from "@llr/tensor";
import { simdUpdates } from "./index.ts";

const makers: Record<string, (params: Param[], kernels: UpdateKernels) => Optimizer> = {
  sgd: (params, kernels) => sgd(params, { lr: 0.1, momentum: 0.9, weightDecay: 0.01, kernels }),
  adamW: (params, kernels) => adamW(params, { lr: 0.01, weightDecay: 0.1, kernels }),
  lars: (params, kernels) => lars(params, { lr: 0.5, weightDecay: 0.01, kernels }),
  lamb: (params, kernels) => lamb(params, { lr: 0.01, weightDecay: 0.01, kernels }),
};

describe.each(Object.keys(makers))("frozen parameters under %s", (name) => {
  it.each([["plain", {}], ["compiled", simdUpdates]] as const)("do not move by a bit, nor does what the optimizer remembers of them; the others do (%s loops)", (_, kernels) => {
    const rng = new Rng(1);
    const model = mlp([6, 12, 8, 3], { rng });
    const optimizer = makers[name](model.parameters(), kernels);
    const images = Float32Array.from({ length: 4 * 6 }, () => rng.normal());
    const step = () => scope(() => {
      const loss = crossEntropy(model.forward(tensor(images, [4, 6]), { training: true }), tensor(Int32Array.of(0, 1, 2, 1)));
      optimizer.zeroGrad();
      backward(loss);
      return optimizer.step();
    });
    const look = () => ({ weights: model.stateDict(), state: optimizer.stateDict().params });
    step();
    step();
    const frozen = model.freeze(["fc1", "fc2.bias"]);
    expect(frozen).toEqual(["fc1.weight", "fc1.bias", "fc2.bias"]);
    const before = look();
    for (let i = 0; i < 5; i++) expect(step().filter((r) => r.skipped === "noGradient").map((r) => r.name)).toEqual(frozen);
    const after = look();
    for (const { name: p } of model.parameters()) {
      const moves = !frozen.includes(p);
      expect([...after.weights[p].data].some((w, i) => w !== before.weights[p].data[i]), p).toBe(moves);
      if (moves) expect(after.state[p]).not.toEqual(before.state[p]);
      else expect(after.state[p]).toEqual(before.state[p]);
    }
    model.unfreeze();
    step();
    expect(look().weights["fc1.weight"].data).not.toEqual(after.weights["fc1.weight"].data);
  });
});
