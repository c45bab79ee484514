import { ArgumentError } from "../../errors.ts";
import { describe } from "../../format.ts";
import { checkList } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { mul } from "../elementwise/mul.ts";
import { matmul } from "../matmul/matmul.ts";
import { sum } from "../reduce/sum.ts";
import { broadcastTo } from "../shape/broadcastTo.ts";
import { reshape } from "../shape/reshape.ts";
import { transpose } from "../shape/transpose.ts";
import { slice } from "../slice/slice.ts";
import type { Equation, Label } from "./equation.ts";
import { readEquation } from "./equation.ts";

/** A tensor whose axes have names. */
interface Labelled {
  readonly t: Tensor;
  readonly labels: readonly Label[];
}

/**
 * Sum of products by labels (Einstein's convention): every label that the result does not have is summed over.
 *
 * - `"ij,jk->ik"` a matrix product, `"bij,bjk->bik"` a batch of them, `"ij->ji"` a transpose, `"ij->"` the sum of all,
 *   `"i,j->ij"` an outer product;
 * - a label twice in one operand takes the diagonal: `"ii->i"`, and `"ii->"` is the trace;
 * - without an arrow the result has the labels that occur once, in alphabetical order;
 * - `...` stands for any further axes, which broadcast: `"...ij,...jk->...ik"`.
 *
 * It is made of transposes, products and sums, two operands at a time from the left.
 *
 * @throws ArgumentError for an equation that does not fit the number of tensors or axes; ShapeError for a label with two sizes
 * @example
 * import { einsum, tensor } from "@llr/tensor";
 * const a = tensor([[1, 2], [3, 4]]);
 * einsum("ij,jk->ik", [a, a]).toArray() // => [7, 10, 15, 22]
 * einsum("ii->", [a]).item() // => 5
 * einsum("ij,jk->ik", [a, tensor([[1, 2, 3]])]) // throws sizes 2 and 1 for the label j
 */
export function einsum(equation: string, tensors: readonly Tensor[]): Tensor {
  if (typeof equation !== "string") throw new ArgumentError("einsum", `the equation is ${describe(equation)}. It needs a text such as "ij,jk->ik".`);
  checkList("einsum", "tensors", tensors);
  for (const t of tensors) checkTensor("einsum", t);
  if (tensors.length === 0) throw new ArgumentError("einsum", "no tensors. It needs at least one.");
  const { inputs, output, sizes } = readEquation(equation, tensors.map((t) => t.shape));
  const operands = tensors.map((t, i) => diagonal({ t, labels: inputs[i] }));
  const total = operands.reduce((a, b, i) => {
    const later = new Set([...output, ...operands.slice(i + 1).flatMap((operand) => operand.labels)]);
    return contract(a, b, later, sizes);
  });
  return arrange(sumOut(total, new Set(output)), output);
}

/** Of axes with one label only their diagonal stays. */
function diagonal(operand: Labelled): Labelled {
  const { t, labels } = operand;
  const twice = labels.find((label, i) => labels.indexOf(label) !== i);
  if (twice === undefined) return operand;
  const [first, second] = [labels.indexOf(twice), labels.lastIndexOf(twice)];
  const others = labels.map((_, axis) => axis).filter((axis) => axis !== first && axis !== second);
  const moved = transpose(t, [...others, first, second]);
  // The diagonal of an n x n matrix is every (n + 1)-th of its numbers.
  const n = t.shape[first];
  const flat = reshape(moved, [...others.map((axis) => t.shape[axis]), n * n]);
  return diagonal({ t: slice(flat, { starts: [0], ends: [n * n], axes: [-1], steps: [n + 1] }), labels: [...others.map((axis) => labels[axis]), twice] });
}

/** Sums over the labels that are not wanted. */
function sumOut({ t, labels }: Labelled, wanted: ReadonlySet<Label>): Labelled {
  const axes = labels.map((_, axis) => axis).filter((axis) => !wanted.has(labels[axis]));
  return axes.length === 0 ? { t, labels } : { t: sum(t, { axes }), labels: labels.filter((label) => wanted.has(label)) };
}

/** The axes in the order of the labels. */
const arrange = ({ t, labels }: Labelled, order: readonly Label[]): Tensor => (order.every((label, i) => label === labels[i]) ? t : transpose(t, order.map((label) => labels.indexOf(label))));

/** Product of two, summed over the labels that nothing later needs. */
function contract(a: Labelled, b: Labelled, later: ReadonlySet<Label>, sizes: Equation["sizes"]): Labelled {
  // What only one of them has and nobody needs is summed first.
  const left = stretch(sumOut(a, new Set([...later, ...b.labels])), b, sizes);
  const right = stretch(sumOut(b, new Set([...later, ...a.labels])), a, sizes);
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const kept = shared.filter((label) => later.has(label));
  const summed = shared.filter((label) => !later.has(label));
  const rows = left.labels.filter((label) => !shared.includes(label));
  const columns = right.labels.filter((label) => !shared.includes(label));
  const labels = [...kept, ...rows, ...columns];
  const shape = labels.map((label) => (left.labels.includes(label) ? sizeIn(left, label) : sizeIn(right, label)));
  const [x, y] = [matrices(left, kept, rows, summed), matrices(right, kept, columns, summed)];
  // Without a sum the products are all pairs of a column and a row; matmul would make sums of one term.
  const product = summed.length === 0 ? mul(x.t, reshape(y.t, [sizeOf(shape.slice(0, kept.length)), 1, y.t.shape[1]])) : matmul(x.t, y.t, { transposeA: x.crossed, transposeB: !y.crossed });
  return { t: reshape(product, shape), labels };
}

const sizeIn = ({ t, labels }: Labelled, label: Label): number => t.shape[labels.indexOf(label)];

/** A batch of matrices [kept, own, summed], or, where the axes lie so already, crossed: [kept, summed, own]. Only other orders are copied. */
function matrices(operand: Labelled, kept: readonly Label[], own: readonly Label[], summed: readonly Label[]): { t: Tensor; crossed: boolean } {
  const crossed = summed.length > 0 && [...kept, ...summed, ...own].every((label, axis) => label === operand.labels[axis]);
  const groups = crossed ? [kept, summed, own] : [kept, own, summed];
  const sizes = groups.map((group) => sizeOf(group.map((label) => sizeIn(operand, label))));
  return { t: reshape(arrange(operand, groups.flat()), sizes), crossed };
}

/** Axes of an ellipsis that both have may differ in size: they are brought to the size of the result. */
function stretch(a: Labelled, b: Labelled, sizes: Equation["sizes"]): Labelled {
  const shape = a.labels.map((label, axis) => (b.labels.includes(label) ? sizes.get(label)! : a.t.shape[axis]));
  return { t: shape.every((n, axis) => n === a.t.shape[axis]) ? a.t : broadcastTo(a.t, shape), labels: a.labels };
}
