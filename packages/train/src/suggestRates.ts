import { ArgumentError } from "@llr/tensor";

/** The course of a learning rate range test: a loss for each rate. */
export interface RangeCurve {
  /** Growing, all > 0. */
  readonly lrs: readonly number[];
  /** Smoothed, as a rule: each suggestion looks at single points. */
  readonly losses: readonly number[];
}

export interface SuggestedRates {
  /** About the middle of the loss's longest descent. */
  readonly valley: number;
  /** Where the loss falls fastest. */
  readonly steep: number;
  /** A tenth of the rate at which the loss is lowest. */
  readonly minimum: number;
}

/**
 * What a range test suggests as learning rate, by three rules of fastai:
 *
 *   valley    the longest falling subsequence of the losses, ending at the earliest i where it has its length n:
 *             the point begin + ⌊n/3⌋ + ⌊n/6⌋ with begin = i − n, the middle of the n steps before i
 *   steep     the point i before the interval of least (loss_{i+1} − loss_i) / (ln lr_{i+1} − ln lr_i)
 *   minimum   lr at the least loss, divided by 10
 *
 * Only points before the first loss that is not finite count. fastai leaves out the first tenth and the last five of a
 * test's points before it asks; so should the caller, who knows how the test went. `valley` is fastai's default. The rules
 * may lie a factor of ten and more apart: look at the curve.
 *
 * @throws ArgumentError for fewer than 3 usable points, lists of different lengths, rates that do not grow from above 0
 * @see fastai.callback.schedule: valley, steep, minimum, lr_find
 * @example
 * import { suggestRates } from "@llr/train";
 * const lrs = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1];
 * suggestRates({ lrs, losses: [2.3, 2.29, 2.25, 2.1, 1.7, 1.3, 1.1, 1, 5] }) // => { valley: 0.001, steep: 0.01, minimum: 0.03 }
 */
export function suggestRates({ lrs, losses }: RangeCurve): SuggestedRates {
  if (lrs.length !== losses.length) throw new ArgumentError("suggestRates", `there are ${lrs.length} rates and ${losses.length} losses. It needs one loss for each rate.`);
  const broken = losses.findIndex((loss) => !Number.isFinite(loss));
  const count = broken < 0 ? losses.length : broken;
  if (count < 3) throw new ArgumentError("suggestRates", `there are ${count} points before the first loss that is not finite. It needs at least 3: begin the range test at a smaller rate.`);
  for (let i = 0; i < count; i++)
    if (!(lrs[i] > (i === 0 ? 0 : lrs[i - 1])) || lrs[i] === Infinity) throw new ArgumentError("suggestRates", `the rate at position ${i} is ${lrs[i]}. It needs finite rates that grow from above 0.`);
  const usable = losses.slice(0, count);
  const slopes = usable.slice(1).map((loss, i) => (loss - usable[i]) / (Math.log(lrs[i + 1]) - Math.log(lrs[i])));
  return { valley: lrs[valleyOf(usable)], steep: lrs[leastOf(slopes)], minimum: lrs[leastOf(usable)] / 10 };
}

function valleyOf(losses: readonly number[]): number {
  /** Length of the longest falling subsequence that ends at each point. */
  const lengths: number[] = [];
  for (const loss of losses) lengths.push(1 + lengths.reduce((most, length, j) => (loss < losses[j] ? Math.max(most, length) : most), 0));
  const longest = lengths.reduce((best, length, i) => (length > lengths[best] ? i : best), 0);
  // fastai leaves a curve that never falls at its first point.
  const length = longest === 0 ? 0 : lengths[longest];
  // A fall of two points at the very beginning would lie before it; in fastai that index means the last, and largest, rate.
  return Math.max(0, longest - length + Math.trunc(length / 3) + Math.trunc(length / 6));
}

const leastOf = (values: readonly number[]): number => values.reduce((best, value, i) => (value < values[best] ? i : best), 0);
