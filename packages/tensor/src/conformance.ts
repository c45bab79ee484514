// What every op must satisfy, checked from its record alone, without a test framework. An op that passes is complete:
// its shape rule tells the truth, its kernel writes everything and nothing else, and its derivative is right, declares what
// it reads and can be differentiated again. Call it from the op's test, for a built-in op as for one of your own.
import { withKernels, withRecording } from "./ambient.ts";
import { apply } from "./apply.ts";
import { secondDerivatives } from "./conformanceSecond.ts";
import { checkSimd } from "./conformanceSimd.ts";
import { tensor } from "./create.ts";
import type { DType, Numbers } from "./dtype.ts";
import { dtypeOf, heapArray, isFloat } from "./dtype.ts";
import { stubOf } from "./history.ts";
import type { Fused, Op, Primitive } from "./op.ts";
import { sameFloat } from "./op.ts";
import { Rng } from "./random.ts";
import { scope } from "./scope.ts";
import type { Shape } from "./shape.ts";
import { formatShape, sizeOf } from "./shape.ts";
import { numbersOf, Tensor } from "./tensor.ts";

/** Makes the numbers of an input; float inputs are rounded to float32, so that both precisions see the same ones. */
export interface InputSpec {
  readonly shape: Shape;
  /** Default "float": the check runs once in f32 and once in f64. */
  readonly dtype?: "float" | "i32" | "bool";
  /** Default: normally distributed. */
  readonly fill?: (rng: Rng, index: number) => number;
}

export interface ConformanceCase<A> {
  readonly inputs: readonly InputSpec[];
  readonly attrs: A;
  /** Length of the longest sum behind an entry of the result or of a gradient; default 1. */
  readonly terms?: number;
}

export interface ConformanceOptions {
  readonly seed?: number;
  /** Allowed error of the derivative, and of its own, against central differences in f64, relative to the largest entry. Default 1e-6. */
  readonly derivativeTolerance?: number;
  /** Allowed error of f32 against f64, relative to the largest entry. Default 1e-6: inputs are exact, the result is rounded once. */
  readonly float32Tolerance?: number;
}

/** Numbers in [0.5, 2): for logarithms, roots and divisors. */
export const positive = (rng: Rng): number => rng.uniform(0.5, 2);
/** Numbers at least 0.1 from 0 on either side: away from the kink of relu, moved there instead of filtered. */
export const awayFromZero = (rng: Rng): number => {
  const x = rng.normal();
  return x + Math.sign(x) * 0.1;
};
/** Numbers that differ by at least 0.1 from each other: a maximum stays the maximum under a small step. */
export const distinct = (rng: Rng, index: number): number => ((index * 7919) % 1009) * 0.1 - 50 + rng.uniform(0, 1e-3);
/** Whole numbers in [0, n): class labels and indices. */
export const below = (n: number) => (rng: Rng): number => rng.integer(n);

/**
 * Throws, naming the op, the case and the fault, unless in every case
 * - the shape rule gives the size of what the kernel writes, and the kernel writes all of it, twice the same;
 * - no input is written;
 * - the f32 result is the f64 result, rounded;
 * - the derivative equals central differences in f64, for every float input (no gradient is a claim of zero), with every
 *   input that `saves` does not list replaced by an empty stub;
 * - the derivative, recorded and differentiated once more, equals central differences of what it gives unrecorded, for every
 *   float input and the gradient of the output; a second derivative of zero is a claim as any other;
 * - a NaN does what `nan` declares;
 * - the simd kernels give what the reference kernels give, within 2e-6 * sqrt(max(1, terms / 256)) of the largest entry
 *   (rounding errors of single-precision sums add up like a random walk), NaN and infinities in the same places;
 * - for a fused op: the definition gives the same, and the backward kernel equals central differences.
 *
 * @example
 * import { mulOp } from "@llr/tensor";
 * import { conformance } from "@llr/tensor/conformance";
 * conformance(mulOp, [{ inputs: [{ shape: [2, 3] }, { shape: [3] }], attrs: null }]);
 * conformance({ ...mulOp, saves: [0] }, [{ inputs: [{ shape: [2] }, { shape: [2] }], attrs: null }]) // throws does not list in `saves`
 */
export function conformance<A>(op: Op<A>, cases: readonly ConformanceCase<A>[], options: ConformanceOptions = {}): void {
  const { seed = 1, derivativeTolerance = 1e-6, float32Tolerance = 1e-6 } = options;
  const rng = new Rng(seed).stream(op.name);
  withKernels("reference", () => {
    for (const [i, { inputs: specs, attrs, terms = 1 }] of cases.entries()) {
      const check = new Check(op, attrs, specs, `${op.name}, case ${i} (${specs.map((s) => formatShape(s.shape)).join(", ")})`);
      const values = valuesOf(specs, rng);
      if (op.kind !== "view") check.kernelWritesAllAndOnlyItsOutput(op, values);
      check.float32IsFloat64Rounded(values, float32Tolerance);
      check.nanRule(values);
      checkSimd(op, attrs, specs, values, simdTolerance(terms), (problem) => check.fail(problem));
      if (op.kind === "fused") {
        check.savesAllInputs();
        check.definitionAgrees(op, values);
      }
      if (op.kind === "fused" || typeof op.derivative === "function") {
        const cotangent = check.derivativeIsRight(values, rng, derivativeTolerance);
        check.secondDerivativeIsRight(values, cotangent, rng.stream(`second ${i}`), derivativeTolerance);
      }
    }
  });
}

/**
 * The comparison of homes alone, for shapes that are too large for central differences or many: what the simd kernels
 * write is what the reference kernels write. See {@link conformance}.
 */
export function homesAgree<A>(op: Op<A>, cases: readonly ConformanceCase<A>[], { seed = 1 }: Pick<ConformanceOptions, "seed"> = {}): void {
  const rng = new Rng(seed).stream(op.name);
  for (const [i, { inputs: specs, attrs, terms = 1 }] of cases.entries()) {
    const fail = (problem: string): never => {
      throw new Error(`${op.name}, case ${i} (${specs.map((s) => formatShape(s.shape)).join(", ")}): ${problem}`);
    };
    checkSimd(op, attrs, specs, valuesOf(specs, rng), simdTolerance(terms), fail);
  }
}

const simdTolerance = (terms: number): number => 2e-6 * Math.sqrt(Math.max(1, terms / 256));

const valuesOf = (specs: readonly InputSpec[], rng: Rng): Float64Array[] =>
  specs.map(({ shape, fill = (r: Rng) => r.normal() }) => Float64Array.from({ length: sizeOf(shape) }, (_, j) => Math.fround(fill(rng, j))));

class Check<A> {
  private readonly op: Op<A>;
  private readonly attrs: A;
  private readonly specs: readonly InputSpec[];
  private readonly where: string;

  constructor(op: Op<A>, attrs: A, specs: readonly InputSpec[], where: string) {
    this.op = op;
    this.attrs = attrs;
    this.specs = specs;
    this.where = where;
  }

  fail(problem: string): never {
    throw new Error(`${this.where}: ${problem}`);
  }

  private dtypeOfInput(i: number, float: DType): DType {
    const { dtype = "float" } = this.specs[i];
    return dtype === "float" ? float : dtype;
  }

  private tensors(values: readonly Float64Array[], float: DType): Tensor[] {
    return values.map((v, i) => tensor(v, { shape: this.specs[i].shape, dtype: this.dtypeOfInput(i, float) }));
  }

  /** The op's result in f64 (or f32), as plain numbers. */
  private run(values: readonly Float64Array[], float: DType): Numbers {
    return withRecording(false, () => scope(() => apply(this.op, this.tensors(values, float), this.attrs).toArray()));
  }

  kernelWritesAllAndOnlyItsOutput(op: Primitive<A> | Fused<A>, values: readonly Float64Array[]): void {
    const shapes = this.specs.map((s) => s.shape);
    const shape = op.shape(shapes, this.attrs);
    const dtypes = this.specs.map((_, i) => this.dtypeOfInput(i, "f64"));
    const dtype = op.dtype ? op.dtype(dtypes, this.attrs) : sameFloat(op.name, dtypes);
    const inputs = values.map((v, i) => {
      const array = heapArray(dtypes[i], v.length);
      array.set(v);
      return array;
    });
    const before = inputs.map((a) => a.slice());
    const kernel = op.kind === "fused" ? op.reference.forward : op.reference;
    const runOver = (garbage: number): Numbers => {
      const out = heapArray(dtype, sizeOf(shape)).fill(garbage);
      const aux = op.aux?.(shapes, this.attrs).map((a) => heapArray(a.dtype, sizeOf(a.shape)).fill(garbage)) ?? [];
      kernel(out, inputs, { shapes, shape, attrs: this.attrs }, aux);
      return out;
    };
    const first = runOver(7);
    inputs.forEach((a, i) => {
      if (a.some((x, j) => !Object.is(x, before[i][j]))) this.fail(`input ${i} was written. A kernel writes only its output.`);
    });
    const second = runOver(3);
    first.forEach((x, i) => {
      if (!Object.is(x, second[i])) this.fail(`output element ${i} is ${x} after the memory held 7, and ${second[i]} after it held 3. A kernel writes every element of its output.`);
    });
  }

  float32IsFloat64Rounded(values: readonly Float64Array[], tolerance: number): void {
    const exact = this.run(values, "f64");
    const single = this.run(values, "f32");
    const error = largestError(single, exact);
    if (!(error <= tolerance)) this.fail(`the f32 result differs from the f64 result by ${error} of the largest entry; allowed ${tolerance}.`);
  }

  nanRule(values: readonly Float64Array[]): void {
    values.forEach((v, i) => {
      if (!isFloat(this.dtypeOfInput(i, "f64")) || v.length === 0) return;
      const poisoned = values.map((w, j) => (i === j ? w.map((x, k) => (k === 0 ? NaN : x)) : w));
      const out = this.run(poisoned, "f64");
      const spread = dtypeOf(out) !== "f64" ? false : out.some(Number.isNaN);
      const expected = this.op.nan === "propagates";
      // A view or a window may leave the first element out: then nothing can be said.
      const reads = !sameNumbers(this.run(values.map((w, j) => (i === j ? w.map((x, k) => (k === 0 ? x + 100 : x)) : w)), "f64"), this.run(values, "f64"));
      if (reads && spread !== expected) this.fail(`a NaN in input ${i} ${spread ? "reaches" : "does not reach"} the output; the record declares "${this.op.nan}".`);
    });
  }

  /** The definition, which higher orders run, reads them all. */
  savesAllInputs(): void {
    this.specs.forEach((_, i) => {
      if (!this.op.saves.includes(i)) this.fail(`\`saves\` does not list input ${i}. A fused op saves all its inputs: higher orders run its definition again.`);
    });
  }

  definitionAgrees(op: Fused<A>, values: readonly Float64Array[]): void {
    const defined = withRecording(false, () => scope(() => op.definition(this.tensors(values, "f64"), this.attrs).toArray()));
    const error = largestError(this.run(values, "f64"), defined);
    if (!(error <= 1e-12)) this.fail(`the forward kernel and the definition differ by ${error} of the largest entry in f64.`);
  }

  /** Returns the gradient of the output that it used. */
  derivativeIsRight(values: readonly Float64Array[], rng: Rng, tolerance: number): Float64Array {
    const output = this.run(values, "f64");
    const cotangent = Float64Array.from(output, () => rng.normal());
    const gradients = this.gradients(values, cotangent);
    values.forEach((v, i) => {
      const given = gradients[i] ?? null;
      if (!isFloat(this.dtypeOfInput(i, "f64"))) {
        if (given !== null) this.fail(`the derivative gives a gradient for input ${i}, which holds whole numbers.`);
        return;
      }
      const exact = given ?? new Float64Array(v.length);
      if (exact.length !== v.length) this.fail(`the gradient of input ${i} has ${exact.length} numbers, the input has ${v.length}.`);
      const numeric = differences(values, i, (shifted) => dot(this.run(shifted, "f64"), cotangent));
      const error = largestError(exact, numeric);
      if (given === null && !(error <= tolerance)) this.fail(`the derivative gives no gradient for input ${i}. That says it is zero; central differences are [${numeric.slice(0, 4).join(", ")}].`);
      if (!(error <= tolerance)) this.fail(`the derivative for input ${i} differs from central differences by ${error} of the largest entry; allowed ${tolerance}. Derivative [${exact.slice(0, 4).join(", ")}], differences [${numeric.slice(0, 4).join(", ")}].`);
    });
    return cotangent;
  }

  /**
   * Of s = sum of weights * gradients, with the weights drawn at random. The gradients of the differences come from the
   * kernels of a fused op and what `saves` lists of another, those that are differentiated from the recorded definition or
   * ops: as s is linear in the gradient of the output, a difference between the two shows there.
   */
  secondDerivativeIsRight(values: readonly Float64Array[], cotangent: Float64Array, rng: Rng, tolerance: number): void {
    const { op, attrs, specs } = this;
    const weights = values.map((v, i) => (isFloat(this.dtypeOfInput(i, "f64")) ? v.map(() => rng.normal()) : null));
    const seed = tensor(cotangent, op.shape(specs.map((s) => s.shape), attrs));
    let found: (Float64Array | null)[] = [];
    try {
      found = secondDerivatives(op, attrs, this.tensors(values, "f64"), seed, weights);
    } catch (error) {
      this.fail(`the derivative cannot be differentiated: ${error instanceof Error ? error.message : String(error)}`);
    }
    const all = [...values, cotangent];
    found.forEach((exact, i) => {
      if (exact === null) return;
      const numeric = differences(all, i, (shifted) =>
        this.gradients(shifted.slice(0, -1), shifted.at(-1)!).reduce((total, g, j) => total + (g === null || weights[j] === null ? 0 : dot(g, weights[j])), 0));
      const error = largestError(exact, numeric);
      const by = i < values.length ? `input ${i}` : "the gradient of the output";
      if (!(error <= tolerance)) this.fail(`the second derivative, by ${by}, differs from central differences of the first by ${error} of the largest entry; allowed ${tolerance}. Second derivative [${exact.slice(0, 4).join(", ")}], differences [${numeric.slice(0, 4).join(", ")}]. A derivative is written with ops on what it is given, so that it can be differentiated.`);
    });
  }

  /** The derivative as a sweep would call it, with stubs for all that the record does not save. */
  private gradients(values: readonly Float64Array[], cotangent: Float64Array): (Float64Array | null)[] {
    const { op, attrs } = this;
    return withRecording(false, () =>
      scope(() => {
        const inputs = this.tensors(values, "f64");
        const needs = inputs.map((t) => isFloat(t.dtype));
        const { output, aux } = this.forward(inputs);
        const dOut = tensor(cotangent, output.shape);
        if (op.kind === "fused") return this.fusedGradients(op, inputs, needs, output, aux, dOut);
        if (typeof op.derivative !== "function") return [];
        const saved = {
          inputs: inputs.map((t, i) => (op.saves.includes(i) ? t : stubOf(t.shape, t.dtype))),
          output: op.saves.includes("output") ? output : stubOf(output.shape, output.dtype),
          aux, attrs, shape: output.shape, needs,
        };
        return op.derivative(dOut, saved).map((g) => (g === null ? null : Float64Array.from(numbersOf(g))));
      }),
    );
  }

  private fusedGradients(op: Fused<A>, inputs: readonly Tensor[], needs: readonly boolean[], output: Tensor, aux: readonly Tensor[], dOut: Tensor): (Float64Array | null)[] {
    const gradients = inputs.map((t, i) => (needs[i] ? new Float64Array(t.size).fill(7) : null));
    const shown = op.saves.includes("output") ? numbersOf(output) : new Float64Array(0);
    op.reference.backward(gradients, numbersOf(dOut), inputs.map(numbersOf), shown, { shapes: inputs.map((t) => t.shape), shape: output.shape, attrs: this.attrs }, aux.map(numbersOf));
    return gradients;
  }

  /** Runs the op with its hidden outputs in hand. */
  private forward(inputs: readonly Tensor[]): { output: Tensor; aux: readonly Tensor[] } {
    const { op, attrs } = this;
    const output = apply(op, inputs, attrs);
    if (op.kind === "view" || op.aux === undefined) return { output, aux: [] };
    const shapes = inputs.map((t) => t.shape);
    const aux = op.aux(shapes, attrs).map((a) => new Tensor(tensor(heapArray(a.dtype, sizeOf(a.shape)), a.shape).storage, 0, a.shape, a.dtype));
    const kernel = op.kind === "fused" ? op.reference.forward : op.reference;
    kernel(heapArray(output.dtype, output.size), inputs.map(numbersOf), { shapes, shape: output.shape, attrs }, aux.map(numbersOf));
    return { output, aux };
  }
}

/** d f / d values[which] by (f(x + h) - f(x - h)) / 2h in every element; h = 1e-5 leaves about 1e-10 of error either way, 4e-8 where a function bends sharply. */
function differences(values: readonly Float64Array[], which: number, f: (values: readonly Float64Array[]) => number): Float64Array {
  const h = 1e-5;
  return values[which].map((x, j) => {
    const at = (shifted: number): number => f(values.map((v, i) => (i === which ? v.with(j, shifted) : v)));
    return (at(x + h) - at(x - h)) / (2 * h);
  });
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}

/** Largest difference, relative to the largest expected magnitude (at least 1e-3, so that all-zero results compare). */
function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let error = 0;
  let scale = 1e-3;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    if (!(difference <= error)) error = difference;
    if (Number.isFinite(expected[i])) scale = Math.max(scale, Math.abs(expected[i]));
  }
  return error / scale;
}

const sameNumbers = (a: Numbers, b: Numbers): boolean => a.every((x, i) => Object.is(x, b[i]));
