import { scope } from "@llr/tensor";
import { bareStep } from "./bare/bareStep.ts";
import { dispatch } from "./dispatch.ts";
import type { Item, Race, Suite } from "./item.ts";
import { memory } from "./memory.ts";
import { makeRun } from "./ours.ts";
import { type NamedTask, type PlainModelName, TASKS } from "./tasks.ts";
import { makeModel, randomBatch, stepOf } from "./training.ts";

const items = (tasks: readonly NamedTask[]): Item[] => tasks.map(({ name, task, work }) => ({ name, make: () => makeRun(task), ...(work && { work }) }));

/** What tensors, scopes, history and modules add to a step's kernels. */
function overBareKernels(name: string, model: PlainModelName, batch: number): Race {
  const data = randomBatch(model, batch);
  const step = (): (() => number) => stepOf(makeModel(model), data);
  return {
    name,
    items: [
      { name: "bare kernels", make: () => bareStep(model, makeModel(model), data).step },
      { name: "in a scope", make: () => { const run = step(); return () => scope(run); } },
      { name: "outside any scope", make: step },
    ],
  };
}

export const SUITES: Readonly<Record<keyof typeof TASKS | "memory", () => Suite>> = {
  gemm: () => ({ items: items(TASKS.gemm), races: [] }),
  conv: () => ({ items: items(TASKS.conv), races: [] }),
  elementwise: () => ({ items: items(TASKS.elementwise), races: [] }),
  steps: () => ({
    items: items(TASKS.steps),
    races: [overBareKernels("MLP 784-256-128-10, batch 128", "mlp", 128), overBareKernels("Caffe-LeNet, batch 64", "caffeLeNet", 64)],
  }),
  optimizers: () => ({ items: items(TASKS.optimizers), races: [] }),
  dispatch: () => ({ items: dispatch(), races: [] }),
  memory: () => ({ items: [], races: [], count: (quick) => memory(quick ? { inside: 500, outside: 100 } : { inside: 10_000, outside: 1000 }) }),
};
export type SuiteName = keyof typeof SUITES;
