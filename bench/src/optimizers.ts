// Optimizer steps over one million parameters in one tensor, with the plain TypeScript kernels.
import { adamW, larc, lars, madLlr, type Optimizer, type Param, sgd } from "@llr/optim";
import { Rng } from "@llr/tensor";
import type { Item, Suite } from "./item.ts";

const SIZE = 1_000_000;

/** @param arrays how many arrays of the size of the parameters a step must at least read or write */
function optimizer(name: string, make: (params: readonly Param[]) => Optimizer, arrays: number): Item {
  const rng = new Rng(3).stream(name);
  const data = new Float32Array(SIZE);
  const grad = new Float32Array(SIZE);
  rng.fillNormal(data, 0, 1);
  rng.fillNormal(grad, 0, 1e-3);
  const step = make([{ name: "w", layer: "w", shape: [1000, 1000], data, grad }]);
  return { name: `${name} 1e6`, run: () => step.step()[0].updateNorm, work: { amount: 4 * arrays * SIZE, unit: "GB/s" } };
}

export function optimizers(): Suite {
  const momentum = 0.9;
  return {
    items: [
      optimizer("sgd with momentum", (params) => sgd(params, { lr: 1e-4, momentum }), 5),
      optimizer("adamW", (params) => adamW(params, { lr: 1e-4 }), 7),
      optimizer("lars", (params) => lars(params, { lr: 1e-4, momentum }), 5),
      optimizer("larc", (params) => larc(params, { lr: 1e-4, momentum }), 5),
      optimizer("madLlr", (params) => madLlr(params, { lr: 1e-4 }), 7),
    ],
    races: [],
  };
}
