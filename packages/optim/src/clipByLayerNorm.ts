import { normClipper, scale, withGradient, type Clipped, type ClipNormOptions } from "./clip.ts";
import { layerOf, type FloatArray, type Param } from "./param.ts";

export interface ClippedLayer {
  readonly layer: string;
  /** Of the layer's gradients together, before clipping. */
  readonly norm: number;
  /** What they were multiplied with. */
  readonly factor: number;
}

export interface ClippedByLayer extends Clipped {
  /** In the order of the parameters; layers without a gradient are left out. */
  readonly layers: readonly ClippedLayer[];
}

/**
 * Shrinks the gradients of each layer by a factor of the layer's own, in place, so that their common p-norm is at most
 * `maxNorm`. One layer that explodes then leaves the others as they are, where `clipByGlobalNorm` would stop them all; the
 * price is that the step of the whole model turns.
 *
 *   norm   = (Σ |g_i|^p)^(1/p) over the parameters of one `layer` (left out: the name up to its last dot)
 *   factor = as for `clipByGlobalNorm`, of that norm
 *
 * NaN and infinite elements spoil the gradients of their own layer only. The returned `norm` is that of all layers together,
 * `fraction` the share of layers that were clipped.
 *
 * @throws OptionError  for maxNorm < 0, normType <= 0, eps < 0
 * @see McMahan et al., arXiv:1710.06963, section 2.3 (per layer clipping)
 * @example
 * import { clipByLayerNorm } from "@llr/optim";
 * const param = (name: string, ...grad: number[]) => ({ name, data: new Float64Array(grad.length), grad: Float64Array.from(grad) });
 * const params = [param("conv.weight", 3), param("conv.bias", 4), param("head.weight", 0.5)];
 * const { norm, fraction, layers } = clipByLayerNorm(params, { maxNorm: 1 });
 * [norm, fraction] // => [5.0249, 0.5]
 * layers.map((l) => [l.layer, l.norm, l.factor]) // => [["conv", 5, 0.2000], ["head", 0.5, 1]]
 * params.map((p) => p.grad[0]) // => [0.6000, 0.8000, 0.5]
 */
export function clipByLayerNorm(params: Iterable<Param>, options: ClipNormOptions): ClippedByLayer {
  const { normOf, factorOf } = normClipper("clipByLayerNorm", options);
  const byLayer = new Map<string, FloatArray[]>();
  for (const param of withGradient("clipByLayerNorm", params)) byLayer.set(layerOf(param), [...(byLayer.get(layerOf(param)) ?? []), param.grad]);
  const layers: ClippedLayer[] = [];
  const all = normOf([...byLayer.values()].flat());
  for (const [layer, gradients] of byLayer) {
    const norm = normOf(gradients);
    const factor = factorOf(norm);
    for (const g of gradients) scale(g, factor);
    layers.push({ layer, norm, factor });
  }
  const count = layers.filter(({ factor }) => factor !== 1).length;
  return { norm: all, clipped: count > 0, fraction: layers.length === 0 ? 0 : count / layers.length, layers };
}
