// Ticks and domains of the charts' axes. All ticks are chosen here, so that none falls between two steps or has no room.

/** 0.01, but 1e-5 and 1.2e25: nobody counts zeros. */
export function tickLabel(x: number): string {
  const rounded = Number(x.toPrecision(3));
  const size = Math.abs(rounded);
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? rounded.toExponential().replace("e+", "e") : String(rounded);
}

/** Steps and seconds: 4,690. */
const countLabel = (x: number): string => x.toLocaleString("en", { maximumFractionDigits: 2 });

/** Multiples of 1, 2 or 5 times a power of ten from low to high, at most `most`; `least` is the smallest distance. */
export function linearTicks(low: number, high: number, most: number, least = 0): number[] {
  const atLeast = Math.max(least, (high - low) / most);
  if (!(atLeast > 0) || !Number.isFinite(atLeast)) return [low];
  const power = 10 ** Math.floor(Math.log10(atLeast) + 1e-9);
  const distance = power * ([1, 2, 5, 10].find((m) => m * power >= atLeast * (1 - 1e-9)) ?? 10);
  const [first, last] = [Math.ceil(low / distance - 1e-9), Math.floor(high / distance + 1e-9)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * distance).toPrecision(12)));
}

/** Within a decade, from fine to coarse. */
const MULTIPLES: readonly (readonly number[])[] = [[1, 1.5, 2, 3, 4, 5, 7], [1, 2, 3, 5], [1, 2, 5], [1, 3], [1]];

/** Ticks of a log axis, at most `most`, and at least two where the domain has room for them. */
export function logTicks(low: number, high: number, most: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  for (const multiples of MULTIPLES) {
    const ticks = Array.from({ length: last - first + 1 }, (_, i) => multiples.map((m) => Number(`${m}e${first + i}`))).flat().filter((x) => x >= low && x <= high);
    if (ticks.length > most) continue;
    return ticks.length < 2 ? linearTicks(low, high, most) : ticks;
  }
  return linearTicks(Math.log10(low), Math.log10(high), most, 1).map((exponent) => Number(`1e${exponent}`));
}

export interface Axis {
  readonly label: string;
  readonly type: "linear" | "log";
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  readonly tickFormat: (x: number) => string;
}

/** Steps are whole numbers, and so are their ticks. */
export const stepAxis = (last: number, most = 6): Axis => ({ label: "step", type: "linear", domain: [0, Math.max(1, last)], ticks: linearTicks(0, Math.max(1, last), most, 1), tickFormat: countLabel });

export function secondsAxis(last: number): Axis {
  const end = last > 0 ? last : 1;
  return { label: "seconds of training", type: "linear", domain: [0, end], ticks: linearTicks(0, end, 6), tickFormat: countLabel };
}

export function linearAxis(label: string, values: readonly number[], most = 6): Axis {
  const [low, high] = extent(values.filter(Number.isFinite));
  const margin = high > low ? 0.04 * (high - low) : Math.abs(high) * 0.1 || 1;
  const domain = [low - margin, high + margin] as const;
  return { label, type: "linear", domain, ticks: linearTicks(...domain, most), tickFormat: tickLabel };
}

export interface LogAxisOptions {
  /** Values below the largest by more than this many decades run along the lower edge. */
  readonly decades?: number;
  /** Values above it run along the upper edge. */
  readonly upTo?: number;
  readonly ticks?: number;
}

export function logAxis(label: string, values: readonly number[], { decades = Infinity, upTo = Infinity, ticks = 6 }: LogAxisOptions = {}): Axis {
  const [least, most] = extent(values.filter((y) => y > 0 && Number.isFinite(y)));
  const high = Math.min(most, upTo);
  const low = Math.max(least, high * 10 ** -decades);
  const domain: readonly [number, number] = low < high ? [low, high] : [high / 3, high * 3];
  return { label, type: "log", domain, ticks: logTicks(...domain, ticks), tickFormat: tickLabel };
}

const RIGHT_ANSWERS = [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998, 0.9999];

/** Of errors, labelled as accuracy: stretched towards 100 %, where good arms differ. */
export function accuracyAxis(label: string, errors: readonly number[]): Axis {
  const [least, most] = extent(errors.filter((y) => y > 0 && Number.isFinite(y)));
  const domain = [most * 1.1, least / 1.1] as const;
  const apart = (domain[0] / domain[1]) ** (1 / 10);
  const ticks: number[] = [];
  // From the best down: a tick too near to the last one is left out.
  for (const error of RIGHT_ANSWERS.map((right) => 1 - right).reverse())
    if (error <= domain[0] && error >= domain[1] && (ticks.length === 0 || error >= ticks.at(-1)! * apart)) ticks.push(error);
  return { label, type: "log", domain, ticks, tickFormat: (error) => `${Number((100 * (1 - error)).toFixed(2))}` };
}

function extent(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [Infinity, -Infinity]);
}
