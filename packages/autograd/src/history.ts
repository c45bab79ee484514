import { Tensor } from "@llr/tensor";
import type { History } from "@llr/tensor/engine";
import { formatShape } from "@llr/tensor/engine";
import type { Parameter } from "./parameter.ts";

/**
 * How a tensor was computed, one op a line, latest first: number, op, shape, and what it was made from.
 *
 * @example
 * import { formatHistory, parameter } from "@llr/autograd";
 * import { matmul, relu } from "@llr/tensor";
 * const w = parameter([[1], [2]], { name: "w" });
 * const y = relu(matmul(w, w, { transposeA: true }));
 * formatHistory(y).replaceAll(/#\d+/g, "#") // => "# relu [1, 1] <- #\n# matmul [1, 1] <- w, w"
 */
export function formatHistory(t: Tensor): string {
  if (t.history === null) return t.isLeaf ? `${(t as Parameter).name} is a parameter` : "no history";
  if (t.history.state !== "live") return `the history of ${t.history.op.name} ${t.history.state === "used" ? "was used by a backward pass" : "ended with its scope"}`;
  const seen = new Set<History>([t.history]);
  for (const record of seen) for (const source of record.sources) if (source !== null && !(source instanceof Tensor)) seen.add(source);
  return [...seen].sort((a, b) => b.id - a.id).map(formatRecord).join("\n");
}

function formatRecord({ id, op, shape, sources }: History): string {
  const from = sources.map((source) => (source === null ? "constant" : source instanceof Tensor ? (source as Parameter).name : `#${source.id}`));
  return `#${id} ${op.name} ${formatShape(shape)} <- ${from.join(", ")}`;
}
