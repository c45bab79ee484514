import type { Numbers } from "../../dtype.ts";
import type { Derivative, Primitive } from "../../op.ts";
import { sizeOf } from "../../shape.ts";
import { ELEMENTWISE_GRAIN } from "../../simd/grain.ts";
import { parallel } from "../../simd/parallel.ts";

/** Compiled: out[i] = f(x[i]). */
type MapKernel = "negMap" | "sqrtMap" | "reluMap" | "expMap" | "logMap" | "tanhMap" | "sigmoidMap";

interface UnarySpec {
  readonly name: string;
  /** Writes f(x[i]) to out[i]. Each op has its own loop: one shared by all would call f through a pointer, 5x slower. */
  readonly kernel: (out: Numbers, x: Numbers) => void;
  readonly simd?: MapKernel;
  readonly saves: Primitive<null>["saves"];
  readonly derivative: Derivative<null>;
}

/** Record of an elementwise function of one tensor. */
export function unary({ name, kernel, simd, saves, derivative }: UnarySpec): Primitive<null> {
  return {
    kind: "primitive",
    name,
    shape: ([x]) => x,
    saves,
    nan: "propagates",
    reference: (out, [x]) => kernel(out, x),
    ...(simd && { simd: (out, [x], { shape }) => parallel(simd, [out, x], sizeOf(shape), ELEMENTWISE_GRAIN) }),
    derivative,
  };
}
