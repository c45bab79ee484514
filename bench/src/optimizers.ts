// Optimizer steps over one tensor, with all that a step reports: through the compiled updates where the parameters lie in
// the tensors' memory, and through the plain loops on ordinary arrays.
import { adamW, larc, lars, madLlr, type Optimizer, type Param, sgd, type UpdateKernels } from "@llr/optim";
import { Rng } from "@llr/tensor";
import { pinnedArray } from "@llr/tensor/engine";
import { simdUpdates } from "@llr/train";
import type { Item, Suite } from "./item.ts";

type Make = (params: readonly Param[], kernels: UpdateKernels) => Optimizer;

/** Parameters and gradients; every optimizer of a size works on the same, at rates that change next to nothing. */
function parameter(size: number, place: "tensors" | "heap"): Param {
  const array = (scale: number): Float32Array => {
    const values = place === "tensors" ? (pinnedArray("f32", [size], "bench") as Float32Array) : new Float32Array(size);
    const part = values.subarray(0, Math.min(size, 1_000_000));
    new Rng(3).stream(String(scale)).fillNormal(part, 0, scale);
    for (let start = part.length; start < size; start += part.length) values.set(part.subarray(0, size - start), start);
    return values;
  };
  return { name: "w", layer: "w", shape: [1, size], data: array(1), grad: array(1e-3) };
}

/** @param arrays how many arrays of the size of the parameters a step must at least read or write */
function optimizer(name: string, make: Make, arrays: number, param: Param, kernels: UpdateKernels = simdUpdates): Item {
  const step = make([param], kernels);
  const size = param.data.length;
  return { name: `${name} ${size.toExponential(0).replace("+", "")}`, run: () => step.step()[0].updateNorm, work: { amount: 4 * arrays * size, unit: "GB/s" } };
}

export function optimizers(): Suite {
  const momentum = 0.9;
  const all: readonly [string, Make, number][] = [
    ["sgd with momentum", (params, kernels) => sgd(params, { lr: 1e-4, momentum, kernels }), 5],
    ["adamW", (params, kernels) => adamW(params, { lr: 1e-4, kernels }), 7],
    ["lars", (params, kernels) => lars(params, { lr: 1e-4, momentum, kernels }), 5],
    ["larc", (params, kernels) => larc(params, { lr: 1e-4, momentum, kernels }), 5],
    ["madLlr", (params, kernels) => madLlr(params, { lr: 1e-4, kernels }), 7],
  ];
  const [million, tenMillion, plain] = [parameter(1e6, "tensors"), parameter(1e7, "tensors"), parameter(1e6, "heap")];
  return {
    items: [
      ...all.map(([name, make, arrays]) => optimizer(name, make, arrays, million)),
      ...all.slice(0, 3).map(([name, make, arrays]) => optimizer(name, make, arrays, tenMillion)),
      ...all.slice(0, 2).map(([name, make, arrays]) => optimizer(`plain ${name}`, make, arrays, plain, {})),
    ],
    races: [],
  };
}
