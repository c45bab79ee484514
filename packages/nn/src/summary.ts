import { noGrad } from "@llr/autograd";
import type { DType, Shape } from "@llr/tensor";
import { ArgumentError, scope, zeros } from "@llr/tensor";
import type { Module } from "./module.ts";

export interface SummaryOptions {
  /** Of the input. Default: that of the first parameter; "i32" for a model of tokens. */
  readonly dtype?: DType;
  /** Where the axis of examples goes. Default 0; 1 for recurrent nets, which take [time, batch, ...]. */
  readonly batchAxis?: number;
}

/** A layer, as one pass of one example found it. */
export interface LayerSummary {
  /** Path, such as "blocks.0.conv1". */
  readonly name: string;
  /** Name of its class. */
  readonly kind: string;
  /** With a batch of 1, of its last pass; null if the pass through the model did not come through here. */
  readonly outputShape: Shape | null;
  /** Numbers to learn; shared ones count where they come first. */
  readonly parameters: number;
  /** For one example, all passes through the layer together. */
  readonly multiplyAdds: number;
}

export interface ModelSummary {
  /** From input to output. */
  readonly layers: readonly LayerSummary[];
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** The layers and the totals, to print. */
  readonly table: string;
}

/**
 * What a model is made of: a row for every module that has none inside, or has parameters or products of its own, in the
 * order of `parameters()`, with output shape, parameters and multiply-adds per example. Shapes and counts are of what ran:
 * one pass of a single example of zeros, in evaluation and without gradients. It leaves the model as it is.
 *
 * Multiply-adds are those that the layers state (`Module.multiplyAdds`): Linear, convolutions, transposed convolutions and
 * recurrent layers. What a module computes with ops of its own, and does not state, is not among them.
 *
 * @param inputShape of one example, without the axis of examples
 * @throws ArgumentError for a batchAxis outside the input
 * @example
 * import { leNet5, summary } from "@llr/nn";
 * import { Rng } from "@llr/tensor";
 * const { layers, parameters, multiplyAdds, table } = summary(leNet5({ rng: new Rng(1) }), [1, 28, 28]);
 * [parameters, multiplyAdds] // => [61706, 416520]
 * layers[0] // => { name: "conv1", kind: "Conv2d", outputShape: [1, 6, 28, 28], parameters: 156, multiplyAdds: 117600 }
 * table.split("\n")[1] // => "conv1    Conv2d     [1, 6, 28, 28]          156        117,600"
 */
export function summary(model: Module, inputShape: Shape, { dtype = model.parameters()[0]?.dtype ?? "f32", batchAxis = 0 }: SummaryOptions = {}): ModelSummary {
  if (!Number.isInteger(batchAxis) || batchAxis < 0 || batchAxis > inputShape.length) throw new ArgumentError("summary", `batchAxis is ${batchAxis}. It needs a whole number from 0 to ${inputShape.length} for examples of shape [${inputShape.join(", ")}].`);
  const modules = model.namedModules();
  const passes = new Map(modules.map(({ module }) => [module, { outputShape: null as Shape | null, multiplyAdds: 0 }]));
  const endings = modules.map(({ module }) =>
    module.watch((input, output) => {
      const pass = passes.get(module)!;
      pass.outputShape = output;
      pass.multiplyAdds += module.multiplyAdds(input, output);
    }),
  );
  try {
    scope(() => noGrad(() => void model.forward(zeros(inputShape.toSpliced(batchAxis, 0, 1), { dtype }), { training: false })));
  } finally {
    for (const end of endings) end();
  }

  const owned = new Map<string, number>();
  for (const { layer, parameter } of model.namedParameters()) owned.set(layer, (owned.get(layer) ?? 0) + parameter.size);
  const layers = modules
    .map(({ name, module }): LayerSummary & { isLeaf: boolean } => ({
      name, kind: module.constructor.name, ...passes.get(module)!, parameters: owned.get(name) ?? 0, isLeaf: module.namedModules().length === 1,
    }))
    .filter(({ isLeaf, parameters, multiplyAdds }) => isLeaf || parameters > 0 || multiplyAdds > 0)
    .map(({ name, kind, outputShape, parameters, multiplyAdds }) => ({ name, kind, outputShape, parameters, multiplyAdds }));
  const total = (of: (layer: LayerSummary) => number): number => layers.reduce((sum, layer) => sum + of(layer), 0);
  const sums = { parameters: total((l) => l.parameters), multiplyAdds: total((l) => l.multiplyAdds) };
  return { layers, ...sums, table: tableOf(layers, sums) };
}

function tableOf(layers: readonly LayerSummary[], sums: Pick<LayerSummary, "parameters" | "multiplyAdds">): string {
  const rows = layers.map(({ name, kind, outputShape, parameters, multiplyAdds }) => [name, kind, outputShape ? `[${outputShape.join(", ")}]` : "did not run", grouped(parameters), grouped(multiplyAdds)]);
  const all = [["layer", "kind", "output", "parameters", "multiply-adds"], ...rows, ["total", "", "", grouped(sums.parameters), grouped(sums.multiplyAdds)]];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  // Words begin together, numbers end together.
  return all.map((row) => row.map((cell, i) => (i < 3 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ")).join("\n");
}

/** 416520 as 416,520, wherever it runs. */
const grouped = (n: number): string => n.toLocaleString("en-US");
