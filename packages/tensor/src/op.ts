// The record of an op: everything the library knows about it, in one place. Nothing else in the library branches on an
// op's name, so an op that a user defines is as complete as the built-in ones.
import type { DType, Numbers } from "./dtype.ts";
import { isFloat } from "./dtype.ts";
import { DTypeError } from "./errors.ts";
import type { Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** What a kernel is told besides the numbers. */
export interface Call<A> {
  readonly shapes: readonly Shape[];
  /** Shape of the output. */
  readonly shape: Shape;
  readonly attrs: A;
}

/**
 * A hidden output of a kernel, for the derivative. Of a primitive, indices and masks only: a recorded derivative treats it as
 * constant. A fused op may keep sums that its backward kernel needs again, such as batch statistics, for higher orders run
 * its definition; f64 keeps their precision. `applyWithAux` hands hidden outputs to callers too, as values without gradient.
 */
export interface Aux {
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * A kernel of the reference home: plain loops over plain arrays, sums in double precision. It checks no shapes,
 * allocates no result, writes every element of its output, and writes no input. It is the definition of correct.
 */
export type ReferenceKernel<A> = (out: Numbers, inputs: readonly Numbers[], call: Call<A>, aux: readonly Numbers[]) => void;

/** Writes the gradient of each input into `gradients[i]`; null: not wanted. */
export type ReferenceBackward<A> = (gradients: readonly (Numbers | null)[], dOut: Numbers, inputs: readonly Numbers[], output: Numbers, call: Call<A>, aux: readonly Numbers[]) => void;

/** A byte address in the shared memory. */
export type Address = number;

/**
 * A kernel of the simd home: the same contract, with addresses in the shared memory in place of arrays. It runs when every
 * float among the inputs is f32. `false`, returned before anything is written, declines a case: the reference kernel runs.
 */
export type SimdKernel<A> = (out: Address, inputs: readonly Address[], call: Call<A>, aux: readonly Address[]) => void | false;

/** As {@link ReferenceBackward}; the address 0 stands for a gradient that is not wanted, and for an output that is not saved. */
export type SimdBackward<A> = (gradients: readonly Address[], dOut: Address, inputs: readonly Address[], output: Address, call: Call<A>, aux: readonly Address[]) => void | false;

/** What a derivative gets: exactly what the record lists in `saves`. Other inputs are stubs with shape and dtype only. */
export interface Saved<A> {
  readonly inputs: readonly Tensor[];
  /** The result, when `saves` has "output". */
  readonly output: Tensor;
  readonly aux: readonly Tensor[];
  readonly attrs: A;
  /** Shape of the output. */
  readonly shape: Shape;
  /** Which inputs need a gradient. */
  readonly needs: readonly boolean[];
}

/**
 * Vector-Jacobian product written with ops: gradient of the loss for each input (null: none) from the gradient for the
 * output. Written with ops, it can be differentiated again.
 */
export type Derivative<A> = (dOut: Tensor, saved: Saved<A>) => readonly (Tensor | null)[];

/** An op without a derivative says so here, and why: `backward` refuses by name before computing anything. */
export interface Refusal {
  readonly refuse: string;
}

interface OpBase<A> {
  /** For messages and for printing histories. */
  readonly name: string;
  /** Shape of the output; throws ShapeError or ArgumentError. Runs before any kernel, so every home refuses alike. */
  shape(shapes: readonly Shape[], attrs: A): Shape;
  /** Element type of the output; throws DTypeError. Default: the inputs must agree on f32 or f64, and so does the output. */
  dtype?(dtypes: readonly DType[], attrs: A): DType;
  /** Inputs (by position) whose numbers the derivative reads, and "output" if it reads the result. */
  readonly saves: readonly (number | "output")[];
  /** What a NaN in a float input does: some output becomes NaN, or the NaN is an ordinary value (comparisons). */
  readonly nan: "propagates" | "compares";
}

/** One kernel, and a derivative written with ops. */
export interface Primitive<A> extends OpBase<A> {
  readonly kind: "primitive";
  aux?(shapes: readonly Shape[], attrs: A): readonly Aux[];
  reference: ReferenceKernel<A>;
  simd?: SimdKernel<A>;
  derivative: Derivative<A> | Refusal;
}

/**
 * A function of other ops in one pass each way. First-order gradients use the two kernels; higher orders run
 * `definition`, which must be as stable numerically as the kernels. The backward kernel gets all inputs, and so does the
 * definition: `saves` lists them all.
 */
export interface Fused<A> extends OpBase<A> {
  readonly kind: "fused";
  aux?(shapes: readonly Shape[], attrs: A): readonly Aux[];
  definition(inputs: readonly Tensor[], attrs: A): Tensor;
  reference: { readonly forward: ReferenceKernel<A>; readonly backward: ReferenceBackward<A> };
  simd?: { readonly forward: SimdKernel<A>; readonly backward: SimdBackward<A> };
}

/** The same numbers under another shape, from `offset` elements into the input. No kernel. */
export interface View<A> extends OpBase<A> {
  readonly kind: "view";
  offset(shapes: readonly Shape[], attrs: A): number;
  derivative: Derivative<A> | Refusal;
}

/**
 * See `apply` for how an op runs, and CONTRIBUTING.md for a worked example. `Op` without an argument is an op of unknown
 * attributes: every op can stand where it is asked for.
 */
export type Op<A = never> = Primitive<A> | Fused<A> | View<A>;

/** The default dtype rule. */
export function sameFloat(name: string, dtypes: readonly DType[]): DType {
  const [first] = dtypes;
  for (const dtype of dtypes)
    if (!isFloat(dtype) || dtype !== first)
      throw new DTypeError(name, `inputs have the element types ${dtypes.join(", ")}. It needs all f32 or all f64; nothing is converted silently. Make the tensors with { dtype }.`);
  return first;
}
