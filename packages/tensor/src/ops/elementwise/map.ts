// Records of functions of one tensor, element by element, from the function of one number.
import { apply } from "../../apply.ts";
import { zeros } from "../../create.ts";
import type { DType } from "../../dtype.ts";
import { isFloat } from "../../dtype.ts";
import { DTypeError } from "../../errors.ts";
import type { Derivative, Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { mul } from "./mul.ts";

interface PiecesSpec<A> {
  readonly name: string;
  readonly f: (x: number, attrs: A) => number;
  readonly derivative: Derivative<A>;
}

/** A function of pieces, whose derivative chooses by x between gradients instead of multiplying them by a slope. */
export function pieces<A = null>({ name, f, derivative }: PiecesSpec<A>): Primitive<A> {
  return { ...kernelOf(name, f), saves: [0], nan: "propagates", derivative };
}

interface MapSpec<A> {
  readonly name: string;
  /** In double precision; the result is rounded once, to the dtype of the tensor. */
  readonly f: (x: number, attrs: A) => number;
  /** f' in terms of x, or of f(x) when `slopeOf` is "output". Written with ops. */
  readonly slope: (t: Tensor, attrs: A) => Tensor;
  readonly slopeOf?: "input" | "output";
}

/** A function whose derivative is dOut f'. */
export function map<A = null>({ name, f, slope, slopeOf = "input" }: MapSpec<A>): Primitive<A> {
  return {
    ...kernelOf(name, f),
    saves: slopeOf === "input" ? [0] : ["output"],
    nan: "propagates",
    // `saved.output` is read only where it is saved.
    derivative: (dOut, saved) => [mul(dOut, slope(slopeOf === "input" ? saved.inputs[0] : saved.output, saved.attrs))],
  };
}

/** A function that is constant between its jumps: its derivative is 0, at the jumps too. */
export function steps(name: string, f: (x: number) => number, nan: Primitive<null>["nan"] = "propagates"): Primitive<null> {
  return { ...kernelOf<null>(name, f), saves: [], nan, derivative: (_, { inputs: [x] }) => [zeros(x.shape, { dtype: x.dtype })] };
}

/** A question about every number; the answers are bool. */
export function predicate<A = null>(name: string, f: (x: number, attrs: A) => boolean): Primitive<A> {
  const dtype = ([x]: readonly DType[]): DType => {
    if (!isFloat(x)) throw new DTypeError(name, `the input has the element type ${x}. It needs f32 or f64.`);
    return "bool";
  };
  return { ...kernelOf<A>(name, (x, attrs) => Number(f(x, attrs))), dtype, saves: [], nan: "compares", derivative: { refuse: "its result is bool" } };
}

/** The function of a tensor that a record without attributes stands for. */
export const plain = (op: Primitive<null>) => (x: Tensor): Tensor => apply(op, [x], null);

function kernelOf<A>(name: string, f: (x: number, attrs: A) => number): Pick<Primitive<A>, "kind" | "name" | "shape" | "reference"> {
  return {
    kind: "primitive",
    name,
    shape: ([x]) => x,
    reference: (out, [x], { attrs }) => {
      for (let i = 0; i < out.length; i++) out[i] = f(x[i], attrs);
    },
  };
}
