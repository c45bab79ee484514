/*
 * Cosine, exponential and logarithm in float64, by additions, multiplications and divisions only, which every engine rounds
 * alike. Those of `Math` are another's in V8, JavaScriptCore and SpiderMonkey, and change from one V8 to the next: a schedule, and
 * with it a whole run, would differ in its last digits. Each is within 1 unit in the last place (elementary.test.ts).
 *
 * The series are Taylor's. What is left of an argument, or of 1 − x²/2, by rounding is carried along in a second number.
 */

/** π/2 in three parts: the first two have 48 digits, so that their multiples up to 32 are exact. */
const HALF_PI = [1.5707963267948912, 5.390302858158106e-15, 1.2706558760139879e-29] as const;
/** log 2 in two parts: the first has 36 digits. */
const LOG_2 = [0.6931471805582987, 1.6465949582897082e-12] as const;

/** The coefficients 1, 1/(n + 1), 1/((n + 1)(n + 2)) ... of a series, every `step`-th of them, from the highest down. */
function inverseFactorials(first: number, step: number, count: number, sign: number): readonly number[] {
  const all: number[] = [];
  let factorial = 1;
  for (let n = 2; all.length < count; n++) {
    factorial *= n;
    if (n >= first && (n - first) % step === 0) all.unshift((all.length % 2 === 0 ? 1 : sign) / factorial);
  }
  return all;
}

/** 1/3! − z/5! + ..., 1/4! − z/6! + ... and 1/2! + r/3! + ... */
const SINE: readonly number[] = /* @__PURE__ */ inverseFactorials(3, 2, 8, -1);
const COSINE: readonly number[] = /* @__PURE__ */ inverseFactorials(4, 2, 8, -1);
const EXPONENTIAL: readonly number[] = /* @__PURE__ */ inverseFactorials(2, 1, 13, 1);
/** 2/3 + 2z/5 + ... */
const LOGARITHM: readonly number[] = [2 / 23, 2 / 21, 2 / 19, 2 / 17, 2 / 15, 2 / 13, 2 / 11, 2 / 9, 2 / 7, 2 / 5, 2 / 3];

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (const c of coefficients) sum = sum * x + c;
  return sum;
}

/** cos x for |x| <= 16π: what schedules ask for is within a turn. */
export function cos(x: number): number {
  if (!(Math.abs(x) <= 16 * Math.PI)) return NaN;
  const quarters = Math.round(x / (Math.PI / 2));
  const start = x - quarters * HALF_PI[0];
  const second = quarters * HALF_PI[1];
  const r = start - second;
  const rest = start - r - second - quarters * HALF_PI[2];
  const z = r * r;
  const turn = ((quarters % 4) + 4) % 4;
  if (turn % 2 === 1) {
    const sine = r + (rest - r * z * polynomial(SINE, z));
    return turn === 1 ? -sine : sine;
  }
  const half = z / 2;
  const first = 1 - half;
  const cosine = first + (1 - first - half + (z * z * polynomial(COSINE, z) - r * rest));
  return turn === 0 ? cosine : -cosine;
}

/** e^x. */
export function exp(x: number): number {
  if (!(x < 709.782712893384)) return Number.isNaN(x) ? x : Infinity;
  if (x < -745.1332191019412) return 0;
  const power = Math.round(x / LOG_2[0]);
  const start = x - power * LOG_2[0];
  const second = power * LOG_2[1];
  const r = start - second;
  const rest = start - r - second;
  const y = 1 + (r + (r * r * polynomial(EXPONENTIAL, r) + rest));
  const half = Math.trunc(power / 2);
  // In two steps, since 2^power alone may be past the largest number, or below the smallest.
  return y * powerOfTwo(half) * powerOfTwo(power - half);
}

/** log x, of x >= 0. */
export function log(x: number): number {
  if (!(x > 0 && x < Infinity)) return x === 0 ? -Infinity : x === Infinity ? x : NaN;
  let [mantissa, power] = [x, 0];
  // In steps of 2^32 and of 2, all exact.
  for (const step of [32, 1]) {
    const [up, down] = [powerOfTwo(step), powerOfTwo(-step)];
    for (; mantissa >= up; power += step) mantissa *= down;
    for (; mantissa <= down; power -= step) mantissa *= up;
  }
  if (mantissa > Math.SQRT2) [mantissa, power] = [mantissa / 2, power + 1];
  else if (mantissa < Math.SQRT1_2) [mantissa, power] = [mantissa * 2, power - 1];
  const f = mantissa - 1;
  const s = f / (2 + f);
  const half = (f * f) / 2;
  // log(1 + f) = f − f²/2 + s·(f²/2 + series)
  const beyond = s * (half + s * s * polynomial(LOGARITHM, s * s));
  return power * LOG_2[0] + (f - (half - (beyond + power * LOG_2[1])));
}

/** Exact, from 2^-1074 to 2^1023. */
function powerOfTwo(n: number): number {
  let power = 1;
  for (let left = Math.abs(n), square = 2; left > 0; left = Math.floor(left / 2), square *= square) if (left % 2 === 1) power *= square;
  return n < 0 ? 1 / power : power;
}
