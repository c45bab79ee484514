// What an op costs besides its kernel: tensors of four numbers, many ops a sample.
import { backward, noGrad, parameter } from "@llr/autograd";
import { add, buffer, scope, sum, type Tensor, tensor } from "@llr/tensor";
import type { Item } from "./item.ts";

/** Ops in one sample; the table shows the time of a sample. */
export const OPS = 1000;

function chain(start: Tensor): Tensor {
  let x = start;
  for (let i = 0; i < OPS; i++) x = add(x, start);
  return x;
}

export function dispatch(): Item[] {
  const w = parameter([1, 2, 3, 4], { name: "w" });
  const constant = buffer(tensor([1, 2, 3, 4]));
  const item = (name: string, run: () => Tensor | void): Item => ({
    name,
    make: () => () => {
      run();
      return OPS;
    },
  });
  return [
    item(`${OPS} adds of 4 numbers in a scope`, () => scope(() => void chain(constant))),
    item(`${OPS} adds of 4 numbers in a scope, recorded`, () => scope(() => void chain(w))),
    item(`${OPS} adds of 4 numbers in a scope, noGrad`, () => noGrad(() => scope(() => void chain(w)))),
    item(`${OPS} adds of 4 numbers outside any scope`, () => chain(constant)),
    item(`${OPS} adds forward and backward, in a scope`, () => scope(() => backward(sum(chain(w))))),
    item(`${OPS} empty scopes`, () => {
      for (let i = 0; i < OPS; i++) scope(() => {});
    }),
  ];
}
