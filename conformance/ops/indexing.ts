// Shape, indexing and linear algebra in the kit's words.
import type { PadMode, Tensor } from "@llr/tensor";
import {
  concat, dropoutMask, einsum, embedding, flip, gather, gatherElements, linear, oneHot, outer, pad, scatterAdd, slice, sort, split, squeeze, stack, tensor as makeTensor, tile, topk, tril, triu, unsqueeze,
} from "@llr/tensor";

type Attributes = Readonly<Record<string, unknown>>;
type KitOp = (inputs: readonly Tensor[], attrs: Attributes) => Tensor | Tensor[];

/** Of the kit's attributes those that are there, as options of ours. */
const some = <K extends string>(attrs: Attributes, ...names: K[]): { [P in K]: never } => Object.fromEntries(names.filter((name) => attrs[name] !== undefined && attrs[name] !== null).map((name) => [name, attrs[name]])) as { [P in K]: never };

/** The kit's masks are numbers, ours are bool. */
const mask = (t: Tensor): Tensor => makeTensor(Uint8Array.from(t.toArray()), t.shape);

export const indexingOps: Readonly<Record<string, KitOp>> = {
  slice: ([x], { starts, ends, ...rest }) => slice(x, { starts: starts as number[], ends: ends as number[], ...some(rest, "axes", "steps") }),
  flip: ([x], attrs) => flip(x, some(attrs, "axes")),
  split: ([x], { sizes, ...rest }) => split(x, { sizes: sizes as number[], ...some(rest, "axis") }),
  concat: (tensors, attrs) => concat(tensors, some(attrs, "axis")),
  stack: (tensors, attrs) => stack(tensors, some(attrs, "axis")),
  squeeze: ([x], attrs) => squeeze(x, some(attrs, "axes")),
  unsqueeze: ([x], { axes }) => unsqueeze(x, axes as number[]),
  tile: ([x], { reps }) => tile(x, reps as number[]),
  pad: ([x], { pads, ...rest }) => pad(x, { pads: pads as [number, number][], ...(rest["mode"] === "edge" ? { mode: "replicate" satisfies PadMode } : some(rest, "mode", "value")) }),
  tril: ([x], attrs) => tril(x, some(attrs, "k")),
  triu: ([x], attrs) => triu(x, some(attrs, "k")),
  gather: ([x, i], attrs) => gather(x, i, some(attrs, "axis")),
  gatherElements: ([x, i], attrs) => gatherElements(x, i, some(attrs, "axis")),
  scatterAdd: ([x, i, source], attrs) => scatterAdd(x, i, source, some(attrs, "axis")),
  embedding: ([weight, tokens], attrs) => embedding(weight, tokens, some(attrs, "paddingIdx")),
  oneHot: ([labels], { depth }) => oneHot(labels, { depth: depth as number }),
  sort: ([x], attrs) => {
    const { values, indices } = sort(x, some(attrs, "axis", "descending"));
    return [values, indices];
  },
  topk: ([x], { k, ...rest }) => {
    const { values, indices } = topk(x, { k: k as number, ...some(rest, "axis", "largest") });
    return [values, indices];
  },
  outer: ([a, b]) => outer(a, b),
  linear: ([x, weight, bias]) => linear(x, weight, bias ?? null),
  einsum: (tensors, { equation }) => einsum(equation as string, tensors),
  dropoutMask: ([x, kept], { p }) => dropoutMask(x, mask(kept), { p: p as number }),
};
