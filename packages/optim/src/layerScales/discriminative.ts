import { named } from "../named.ts";
import { pow } from "../pow.ts";
import { aboveZero, checkOptions } from "../range.ts";
import type { LayerScale } from "./layerScale.ts";

/**
 * ULMFiT's discriminative fine-tuning: the last layer gets the plain rate, each layer before it the rate of the one after
 * divided by `factor`.
 *
 *   scale = 1 / factor^(count − 1 − index)
 *
 * This is `layerDecay(1/factor)` under the name and with the number of its paper.
 *
 * @throws OptionError  for factor <= 0
 * @see Howard & Ruder, arXiv:1801.06146, section 3.2: lr of layer l − 1 = lr of layer l / 2.6
 * @example
 * import { discriminative, sgd } from "@llr/optim";
 * const layers = ["lstm1", "lstm2", "head"].map((name) => ({ name, data: new Float32Array(1), grad: new Float32Array(1) }));
 * sgd(layers, { lr: 0.01, layerScale: discriminative() }).step().map((r) => r.rate) // => [0.001479, 0.003846, 0.01]
 */
export function discriminative(factor: number = 2.6): LayerScale {
  checkOptions("discriminative", { factor }, { factor: aboveZero });
  return named("discriminative", [factor], ({ index, count }) => 1 / pow(factor, count - 1 - index));
}
