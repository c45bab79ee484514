import type { Optimizer } from "./optimizer.ts";

/**
 * A table of which parameter got which group and which options, as they are for the next step: for printing before a long
 * run. `lr` includes the layer scale; decay says `none` for excluded parameters.
 *
 * @example
 * import { describeGroups, sgd } from "@llr/optim";
 * const params = ["conv.weight", "fc.weight"].map((name) => ({ name, data: new Float32Array(6), grad: null, shape: [2, 3] }));
 * const optimizer = sgd(params, { lr: 0.1, weightDecay: 5e-4, groups: [{ params: "fc.*", lr: 0.01 }] });
 * describeGroups(optimizer).split("\n")[1].trim() // => "default  conv.weight  [2, 3]  conv   0.1   l2 0.0005"
 * describeGroups(optimizer).split("\n")[2].trim() // => "fc.*     fc.weight    [2, 3]  fc     0.01  l2 0.0005"
 */
export function describeGroups(optimizer: Pick<Optimizer, "groups">): string {
  const rows = optimizer.groups.flatMap(({ name, values, decayKind, params }) =>
    params.map((param) => {
      const decay = param.excluded || values.weightDecay === 0 ? "none" : `${decayKind} ${short(Number(values.weightDecay))}`;
      return [name, param.name, `[${param.shape.join(", ")}]`, param.layer, short(param.lr), decay];
    }),
  );
  const table = [["group", "parameter", "shape", "layer", "lr", "decay"], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return table.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd()).join("\n");
}

/** Four digits tell rates apart, and hide what float64 adds to 0.1 · 0.1. */
const short = (x: number): string => String(Number(x.toPrecision(4)));
