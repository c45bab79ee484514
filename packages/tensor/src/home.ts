// Which home runs a kernel: the one place where reference and simd meet.
import { ambient } from "./ambient.ts";
import type { Numbers } from "./dtype.ts";
import type { Address, Call, Fused, Primitive } from "./op.ts";
import { hasSimd } from "./simd/kernels.ts";

const addressOf = (array: Numbers): Address => array.byteOffset;
/** 0 is no address of a block: the first page holds none. */
const addressOrNone = (array: Numbers | null): Address => array?.byteOffset ?? 0;

/** Compiled kernels know single precision only; whole numbers may come along (labels, indices). */
function isSingle(inputs: readonly Numbers[]): boolean {
  let single = false;
  for (const array of inputs) {
    if (array instanceof Float64Array) return false;
    single ||= array instanceof Float32Array;
  }
  return single;
}

/** All arrays lie in the shared memory. */
export function runForward<A>(op: Primitive<A> | Fused<A>, out: Numbers, inputs: readonly Numbers[], call: Call<A>, aux: readonly Numbers[]): void {
  const simd = op.kind === "fused" ? op.simd?.forward : op.simd;
  if (simd !== undefined && ambient.kernels === "simd" && isSingle(inputs) && hasSimd()
    && simd(out.byteOffset, inputs.map(addressOf), call, aux.map(addressOf)) !== false) return;
  const reference = op.kind === "fused" ? op.reference.forward : op.reference;
  reference(out, inputs, call, aux);
}

/** All arrays lie in the shared memory, except an `output` that the op does not save, which is empty. */
export function runBackward<A>(op: Fused<A>, gradients: readonly (Numbers | null)[], dOut: Numbers, inputs: readonly Numbers[], output: Numbers, call: Call<A>, aux: readonly Numbers[]): void {
  const simd = op.simd?.backward;
  if (simd !== undefined && ambient.kernels === "simd" && isSingle(inputs) && hasSimd()
    && simd(gradients.map(addressOrNone), dOut.byteOffset, inputs.map(addressOf), output.byteOffset, call, aux.map(addressOf)) !== false) return;
  op.reference.backward(gradients, dOut, inputs, output, call, aux);
}
