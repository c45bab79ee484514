/** A value as it can stand in a message: short, with quotes around text, without running user code. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (ArrayBuffer.isView(value)) return "length" in value ? `a typed array of ${String(value.length)}` : "a view of a buffer";
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? `an array of ${value.length}` : "an object";
  return typeof value === "function" ? "a function" : String(value);
}
