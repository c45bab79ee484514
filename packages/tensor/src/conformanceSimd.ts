// The part of conformance that compares homes: a simd kernel gives what the reference kernel gives.
import type { InputSpec } from "./conformance.ts";
import type { DType, Numbers } from "./dtype.ts";
import type { Fused, Op, Primitive } from "./op.ts";
import { sameFloat } from "./op.ts";
import { Scope } from "./scope.ts";
import type { Shape } from "./shape.ts";
import { sizeOf } from "./shape.ts";
import { hasSimd } from "./simd/kernels.ts";

type Fail = (problem: string) => never;

/** Elements before and after an array that a kernel must leave alone; one less than a vector, so that no array is aligned to one. */
const MARGIN = 3;
const UNTOUCHED = 77;
/** What an output holds before the kernel runs. */
const GARBAGE = 7;

/** What a home computed: the output, hidden outputs, gradients. */
type Results = ReadonlyMap<string, Numbers>;

/** Compares the homes on `values`, and on these with a NaN and infinities in every float input. */
export function checkSimd<A>(op: Op<A>, attrs: A, specs: readonly InputSpec[], values: readonly Float64Array[], tolerance: number, fail: Fail): void {
  if (op.kind === "view" || op.simd === undefined || !hasSimd()) return;
  const compare = (inputs: readonly Float64Array[], what: string): void => {
    const scope = new Scope(null);
    try {
      new Comparison(op, attrs, specs, inputs, scope).run(tolerance, (problem) => fail(`${what}${problem}`));
    } finally {
      scope.close([]);
    }
  };
  compare(values, "");
  values.forEach((v, i) => {
    if ((specs[i].dtype ?? "float") !== "float" || v.length === 0) return;
    for (const special of [NaN, Infinity, -Infinity])
      for (const place of new Set([0, v.length >> 1, v.length - 1]))
        compare(values.map((w, j) => (i === j ? w.map((x, k) => (k === place ? special : x)) : w)), `with ${special} as element ${place} of input ${i}, `);
  });
}

class Comparison<A> {
  private readonly op: Primitive<A> | Fused<A>;
  private readonly scope: Scope;
  private readonly call: { readonly shapes: readonly Shape[]; readonly shape: Shape; readonly attrs: A };
  private readonly dtype: DType;
  private readonly inputs: readonly Numbers[];

  constructor(op: Primitive<A> | Fused<A>, attrs: A, specs: readonly InputSpec[], values: readonly Float64Array[], scope: Scope) {
    this.op = op;
    this.scope = scope;
    const shapes = specs.map((s) => s.shape);
    const dtypes = specs.map(({ dtype = "float" }): DType => (dtype === "float" ? "f32" : dtype));
    this.call = { shapes, shape: op.shape(shapes, attrs), attrs };
    this.dtype = op.dtype ? op.dtype(dtypes, attrs) : sameFloat(op.name, dtypes);
    this.inputs = values.map((v, i) => {
      // A kernel that reads beside an input meets NaN.
      const array = this.allocate(dtypes[i], v.length, NaN);
      array.set(v);
      return array;
    });
  }

  /** Numbers in the shared memory between margins. */
  private allocate(dtype: DType, length: number, around = UNTOUCHED): Numbers {
    const { array } = this.scope.allocate({ dtype, length: length + 2 * MARGIN, op: "conformance" });
    return array.fill(around).subarray(MARGIN, MARGIN + length).fill(GARBAGE);
  }

  run(tolerance: number, fail: Fail): void {
    const { op, inputs } = this;
    const before = inputs.map((a) => a.slice());
    const forward = op.kind === "fused" ? op.simd!.forward : op.simd!;
    const [expected, actual] = [this.outputs(), this.outputs()];
    (op.kind === "fused" ? op.reference.forward : op.reference)(expected.out, inputs, this.call, expected.aux);
    if (forward(actual.out.byteOffset, inputs.map(addressOf), this.call, actual.aux.map(addressOf)) === false) {
      if ([...actual.all.values()].some((a) => a.some((x) => x !== GARBAGE))) fail("the simd kernel declines after it has written.");
    } else compare(expected.all, actual.all, tolerance, fail);
    if (op.kind === "fused") this.runBackward(op, expected, tolerance, fail);
    inputs.forEach((a, i) => {
      if (a.some((x, j) => !Object.is(x, before[i][j]))) fail(`the simd kernel writes input ${i}.`);
    });
  }

  private outputs(): { out: Numbers; aux: readonly Numbers[]; all: Map<string, Numbers> } {
    const { op, call } = this;
    const out = this.allocate(this.dtype, sizeOf(call.shape));
    const aux = op.aux?.(call.shapes, call.attrs).map((a) => this.allocate(a.dtype, sizeOf(a.shape))) ?? [];
    return { out, aux, all: new Map([["the output", out], ...aux.map((a, i): [string, Numbers] => [`hidden output ${i}`, a])]) };
  }

  private runBackward(op: Fused<A>, { out, aux }: { out: Numbers; aux: readonly Numbers[] }, tolerance: number, fail: Fail): void {
    const { inputs, call } = this;
    const dOut = this.allocate("f32", out.length, NaN);
    dOut.forEach((_, i) => (dOut[i] = Math.sin((i + 1) ** 2))); // any numbers of both signs; those of a smooth wave cancel in sums
    const wanted = inputs.map((a) => a instanceof Float32Array);
    const gradients = (): (Numbers | null)[] => inputs.map((a, i) => (wanted[i] ? this.allocate("f32", a.length) : null));
    const named = (all: readonly (Numbers | null)[]): Results => new Map(all.flatMap((g, i): [string, Numbers][] => (g === null ? [] : [[`the gradient of input ${i}`, g]])));
    const [expected, actual] = [gradients(), gradients()];
    op.reference.backward(expected, dOut, inputs, out, call, aux);
    const done = op.simd!.backward(actual.map((g) => g?.byteOffset ?? 0), dOut.byteOffset, inputs.map(addressOf), op.saves.includes("output") ? out.byteOffset : 0, call, aux.map(addressOf));
    if (done !== false) compare(named(expected), named(actual), tolerance, fail);
  }
}

const addressOf = (a: Numbers): number => a.byteOffset;

/** Differences are measured against the largest finite entry (at least 1e-3, so that all-zero results compare). */
function compare(expected: Results, actual: Results, tolerance: number, fail: Fail): void {
  for (const [what, right] of expected) {
    const found = actual.get(what)!;
    checkMargins(what, found, fail);
    let scale = 1e-3;
    for (const x of right) if (Number.isFinite(x)) scale = Math.max(scale, Math.abs(x));
    right.forEach((x, i) => {
      const same = Object.is(x, found[i]) || x === found[i] || Math.abs(x - found[i]) <= tolerance * scale;
      if (!same) fail(`${what} has ${found[i]} as element ${i} from the simd kernel, ${x} from the reference; allowed is a difference of ${tolerance * scale}.`);
    });
  }
}

function checkMargins(what: string, array: Numbers, fail: Fail): void {
  const around = new (array.constructor as Float32ArrayConstructor)(array.buffer, array.byteOffset - MARGIN * array.BYTES_PER_ELEMENT, array.length + 2 * MARGIN);
  for (let k = 0; k < MARGIN; k++)
    if (around[k] !== UNTOUCHED || around[around.length - 1 - k] !== UNTOUCHED) fail(`the simd kernel writes beside ${what}.`);
}
