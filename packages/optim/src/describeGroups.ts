import type { Optimizer } from "./optimizer.ts";

/**
 * A table of which parameter got which group and which options, as they are for the next step: for printing before a long
 * run. `lr` includes the layer scale; decay says `none` for excluded parameters. Below it, what moves: each schedule by the
 * call that made it.
 *
 * @example
 * import { describeGroups, linear, sgd } from "@llr/optim";
 * const params = ["conv.weight", "fc.weight"].map((name) => ({ name, data: new Float32Array(6), grad: null, shape: [2, 3] }));
 * const lr = linear({ start: 0.1, end: 0, steps: 100 });
 * const optimizer = sgd(params, { lr, weightDecay: 5e-4, groups: [{ params: "fc.*", lr: 0.01 }] });
 * const lines = describeGroups(optimizer).split("\n");
 * lines[1] // => "default  conv.weight  [2, 3]  conv   0.1   l2 0.0005"
 * lines[2] // => "fc.*     fc.weight    [2, 3]  fc     0.01  l2 0.0005"
 * lines.at(-1) // => "default  lr      linear({ start: 0.1, end: 0, steps: 100 })"
 */
export function describeGroups(optimizer: Pick<Optimizer, "groups">): string {
  const { groups } = optimizer;
  const rows = groups.flatMap(({ name, values, decayKind, params }) =>
    params.map((param) => {
      const decay = param.excluded || values.weightDecay === 0 ? "none" : `${decayKind} ${short(Number(values.weightDecay))}`;
      return [name, param.name, `[${param.shape.join(", ")}]`, param.layer, short(param.lr), decay];
    }),
  );
  const moving = groups.flatMap(({ name, schedules }) => Object.entries(schedules).map(([option, schedule]) => [name, option, schedule]));
  const tables = [table([["group", "parameter", "shape", "layer", "lr", "decay"], ...rows])];
  if (moving.length > 0) tables.push(table([["group", "option", "schedule"], ...moving]));
  return tables.join("\n\n");
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd()).join("\n");
}

/** Four digits tell rates apart, and hide what float64 adds to 0.1 · 0.1. */
const short = (x: number): string => String(Number(x.toPrecision(4)));
