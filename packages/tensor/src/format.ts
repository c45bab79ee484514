import { formatShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Longer axes show their first and last three entries. */
const SHOWN = 3;

/** "Tensor f32 [2, 2] [[1, 2], [3, 4]]", shortened for large tensors; a released one says so instead of throwing. */
export function formatTensor(t: Tensor): string {
  const head = `Tensor ${t.dtype} ${formatShape(t.shape)}`;
  if (t.storage.place === "released" || t.storage.place === "stub") return `${head} (${t.storage.place})`;
  if (t.storage.buffer !== null) return `${head} (on ${t.storage.buffer.device.label})`;
  return `${head} ${formatAxis(t, 0, t.offset)}`;
}

function formatAxis(t: Tensor, axis: number, offset: number): string {
  if (axis === t.shape.length) return formatNumber(t.storage.array[offset]);
  const count = t.shape[axis];
  const step = t.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const entry = (i: number): string => formatAxis(t, axis + 1, offset + i * step);
  const indices = Array.from({ length: count }, (_, i) => i);
  if (count <= 2 * SHOWN + 1) return `[${indices.map(entry).join(", ")}]`;
  return `[${[...indices.slice(0, SHOWN).map(entry), "...", ...indices.slice(-SHOWN).map(entry)].join(", ")}]`;
}

/** Six significant digits: float32 holds a little over seven. */
const formatNumber = (x: number): string => String(Number.isInteger(x) ? x : Number(x.toPrecision(6)));

/** A value that should not be there, for a message: short, whatever it is. */
export function describe(value: unknown, depth = 0): string {
  if (Array.isArray(value)) {
    if (depth === 2) return "[...]"; // an array may hold itself
    const shown = Array.from({ length: Math.min(value.length, 8) }, (_, i) => describe(value[i] as unknown, depth + 1));
    return `[${shown.join(", ")}${value.length > shown.length ? ", ..." : ""}]`;
  }
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  if (typeof value === "function") return "a function";
  if (value === null || typeof value !== "object") return String(value);
  return `an object of type ${value.constructor?.name ?? "Object"}`;
}
