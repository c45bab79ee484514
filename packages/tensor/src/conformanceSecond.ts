// The part of conformance that differentiates a derivative. The sweep here is the plainest there is, for graphs of a few
// ops: everything recorded, nothing freed. The one that trains is @llr/autograd's.
import { withRecording } from "./ambient.ts";
import { apply } from "./apply.ts";
import { tensor } from "./create.ts";
import type { History } from "./history.ts";
import type { Derivative, Op } from "./op.ts";
import { add } from "./ops/elementwise/add.ts";
import { mul } from "./ops/elementwise/mul.ts";
import { sum } from "./ops/reduce/sum.ts";
import { reshape } from "./ops/shape/reshape.ts";
import { scope } from "./scope.ts";
import { formatShape, sameShape } from "./shape.ts";
import { Tensor } from "./tensor.ts";

/** A tensor in which gradients arrive, as in a parameter. */
class Leaf extends Tensor {
  override get isLeaf(): boolean {
    return true;
  }
}

type Node = History | Tensor;
const nodeOf = (t: Tensor): Node | null => (t.isLeaf ? t : t.history);

/**
 * Of s = sum over the inputs of sum(weights * gradient), where the gradient is that of sum(cotangent * op(inputs)): the
 * derivatives by each input and, last, by the cotangent.
 *
 * @param weights for each input; null for a constant, of which the derivative is null too
 * @throws Error that says which op of the derivative cannot be differentiated
 */
export function secondDerivatives<A>(op: Op<A>, attrs: A, inputs: readonly Tensor[], cotangent: Tensor, weights: readonly (Float64Array | null)[]): (Float64Array | null)[] {
  return withRecording(true, () =>
    scope(() => {
      const variables = [...inputs.map((t, i) => (weights[i] === null ? t : leafOf(t))), leafOf(cotangent)];
      const [leaves, seed] = [variables.slice(0, -1), variables.at(-1)!];
      const gradients = sweep(apply(op, leaves, attrs), seed, leaves);
      const parts = gradients.flatMap((g, i) => (g === null || weights[i] === null ? [] : [sum(mul(g, tensor(weights[i], g.shape)))]));
      const found = parts.length === 0 ? [] : sweep(parts.reduce((a, b) => add(a, b)), tensor(Float64Array.of(1), []), variables);
      // Where no gradient arrives, the derivative says that it does not depend on the variable.
      return variables.map((t, i) => (t.isLeaf ? Float64Array.from(found[i]?.toArray() ?? new Float64Array(t.size)) : null));
    }),
  );
}

const leafOf = ({ storage, offset, shape, dtype }: Tensor): Leaf => new Leaf(storage, offset, shape, dtype);

/** d sum(seed * root) / d target for each target, recorded; null for one that root does not depend on. It goes no further than the targets. */
function sweep(root: Tensor, seed: Tensor, targets: readonly Tensor[]): (Tensor | null)[] {
  const ends = targets.map(nodeOf);
  const arrived = new Map<Node, Tensor>();
  const start = nodeOf(root);
  if (start !== null) arrived.set(start, seed);
  const waiting = new Set<History>();
  const wait = (node: Node): void => {
    if (!(node instanceof Tensor) && !ends.includes(node)) waiting.add(node);
  };
  if (start !== null) wait(start);
  while (waiting.size > 0) {
    // The youngest: whatever adds to its gradient is younger still, hence done.
    const record = [...waiting].reduce((a, b) => (a.id > b.id ? a : b));
    waiting.delete(record);
    derive(record, arrived.get(record)!).forEach((gradient, i) => {
      const source = record.sources[i];
      if (gradient === null || source === null) return;
      const { shape } = record.inputs[i];
      if (!sameShape(gradient.shape, shape)) throw new Error(`the derivative of ${record.op.name} for input ${i} has shape ${formatShape(gradient.shape)}, the input has ${formatShape(shape)}.`);
      const before = arrived.get(source);
      arrived.set(source, before === undefined ? gradient : add(before, gradient));
      wait(source);
    });
  }
  return ends.map((end) => (end === null ? null : (arrived.get(end) ?? null)));
}

function derive(record: History, dOut: Tensor): readonly (Tensor | null)[] {
  const op = record.op as Op<unknown>;
  const { inputs, sources, attrs, aux, shape, output } = record;
  const needs = sources.map((source) => source !== null);
  if (op.kind === "fused") {
    // Views keep apart an input that is passed twice, and are where the inner sweep ends.
    const views = inputs.map((input, i) => (needs[i] ? reshape(input, input.shape) : input));
    return sweep(op.definition(views, attrs), dOut, views);
  }
  if (typeof op.derivative !== "function") throw new Error(`${op.name}, which the derivative reads, has no derivative of its own: ${op.derivative.refuse}.`);
  return (op.derivative as Derivative<unknown>)(dOut, {
    inputs, aux, attrs, shape, needs,
    get output(): Tensor {
      if (output === null) throw new Error(`the derivative of ${op.name} reads the output, which \`saves\` does not list.`);
      return output;
    },
  });
}
