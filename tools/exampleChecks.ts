// What the compiled examples call (see examples.ts).

/** Fails unless `actual` equals `expected` to the digits that `printed` shows. */
export function same(actual: unknown, expected: unknown, printed: string, expression: string): void {
  if (!equal(plain(actual), plain(expected), precisionOf(printed)))
    throw new Error(`${expression}: the example says ${printed}, the result is ${JSON.stringify(plain(actual))}`);
}

export function throws(run: () => void, text: string): void {
  let message = "";
  try {
    run();
  } catch (error) {
    message = String(error);
  }
  if (!message.includes(text)) throw new Error(`the example says it throws "${text}", it ${message ? `threw "${message}"` : "threw nothing"}`);
}

/** Half a unit of the last printed decimal; integers allow for float32 noise. */
function precisionOf(printed: string): number {
  const decimals = [...printed.matchAll(/\d\.(\d+)(?:e([-+]?\d+))?/g)].map((m) => m[1].length - Number(m[2] ?? 0));
  return decimals.length > 0 ? 0.501 * 10 ** -Math.max(...decimals) : 1e-6;
}

function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  if (Array.isArray(value)) return value.map(plain);
  return value;
}

function equal(a: unknown, b: unknown, precision: number): boolean {
  if (typeof a === "number" && typeof b === "number") return Object.is(a, b) || a === b || Math.abs(a - b) <= precision;
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return a === b;
  const keys = Object.keys(b);
  return Object.keys(a).length === keys.length && keys.every((k) => equal(plain((a as Record<string, unknown>)[k]), plain((b as Record<string, unknown>)[k]), precision));
}
