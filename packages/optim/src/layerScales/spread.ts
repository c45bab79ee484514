import { named } from "../named.ts";
import { pow } from "../pow.ts";
import { aboveZero, checkOptions } from "../range.ts";
import type { LayerScale } from "./layerScale.ts";

/**
 * Discriminative rates by hand: multipliers from `first` (the layer next to the input) to `last`, in equal ratios.
 *
 *   scale = first · (last/first)^(index/(count − 1))
 *
 * A model of one layer gets `last`. Layers are counted over all groups.
 *
 * @throws OptionError  for a multiplier that is not positive
 * @see fastai's even_mults, behind `slice(first, last)`; Howard & Ruder, arXiv:1801.06146, section 3.2
 * @example
 * import { sgd, spread } from "@llr/optim";
 * const layers = ["conv1", "conv2", "fc"].map((name) => ({ name, data: new Float32Array(1), grad: new Float32Array(1) }));
 * sgd(layers, { lr: 0.1, layerScale: spread(0.01, 1) }).step().map((r) => r.rate) // => [0.001, 0.010, 0.100]
 */
export function spread(first: number, last: number): LayerScale {
  checkOptions("spread", { first, last }, { first: aboveZero, last: aboveZero });
  return named("spread", [first, last], ({ index, count }) => (index === count - 1 ? last : first * pow(last / first, index / (count - 1))));
}
