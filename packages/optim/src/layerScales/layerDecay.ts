import { named } from "../named.ts";
import { pow } from "../pow.ts";
import { aboveZero, checkOptions } from "../range.ts";
import type { LayerScale } from "./layerScale.ts";

/**
 * The last layer gets the plain rate, and each layer before it `decay` times the rate of the one after:
 *
 *   scale = decay^(count − 1 − index)
 *
 * Unlike `spread`, the first layer's rate falls with the number of layers: at 0.75 and 50 layers it is 7.6e-7. timm counts a
 * model's blocks, not its single layers: give the parameters of a block one `layer`.
 *
 * @throws OptionError  for decay <= 0
 * @see timm.optim.param_groups_layer_decay (0.75); Bao et al., arXiv:2106.08254 (BEiT)
 * @example
 * import { layerDecay } from "@llr/optim";
 * [0, 1, 2].map((index) => layerDecay(0.75)({ name: "", index, count: 3 }, 0)) // => [0.5625, 0.75, 1]
 */
export function layerDecay(decay: number): LayerScale {
  checkOptions("layerDecay", { decay }, { decay: aboveZero });
  return named("layerDecay", [decay], ({ index, count }) => pow(decay, count - 1 - index));
}
