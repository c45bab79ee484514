// Sums of many numbers on a device: by stages, each of which many threads share, so that no thread adds up a long line and
// no rounding error grows with it.
import type { DeviceBuffer } from "../device.ts";
import type { Run } from "./kernels.ts";

/** Numbers that one thread adds up. */
const SHARE = 128;

/**
 * Sums of the lines of an array [lines, count]: [lines]. It takes the array over and frees it.
 *
 * @param finish what becomes of a line's `sum`, as an expression
 */
export function sumLines(run: Run, name: string, array: DeviceBuffer, { lines, count }: { readonly lines: number; readonly count: number }, finish = "sum"): DeviceBuffer {
  const rest = Math.max(1, Math.ceil(count / SHARE));
  // Neighbours read neighbours: a thread's numbers lie `rest` apart.
  const source = `function (a) {
  let sum = 0;
  for (let i = 0; i < ${Math.min(count, SHARE)}; i++) {
    const at = ${rest === 1 ? "i" : `this.thread.x + i * ${rest}`};
    if (at < ${count}) sum += a[${rest === 1 ? "this.thread.x" : "this.thread.y"}][at];
  }
  return ${rest === 1 ? finish : "sum"};
}`;
  const sums = run({ name, inputs: [[lines, count]], output: rest === 1 ? [lines] : [lines, rest], source }, [array]);
  array.release();
  return rest === 1 ? sums : sumLines(run, name, sums, { lines, count: rest }, finish);
}
