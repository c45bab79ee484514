import type { Hyper } from "./hyper.ts";

/**
 * Where weight decay enters the update. Papers say "weight decay" for both, and they differ for every optimizer whose
 * direction is not linear in the gradient (Loshchilov & Hutter, arXiv:1711.05101).
 */
export interface WeightDecay {
  readonly kind: "l2" | "decoupled";
  readonly value: Hyper;
}

/**
 * Decay as the gradient of `wd/2 · ‖w‖²`: `g ← g + wd·w`, before momentum, moments and trust ratio see the gradient.
 * This is what PyTorch's SGD and Adam mean by `weight_decay`.
 */
export function l2(value: Hyper): WeightDecay {
  return { kind: "l2", value };
}

/**
 * Decay beside the gradient: `w ← w − rate·wd·w`, untouched by momentum and moments; `rate` is what the layer really gets.
 * This is what AdamW means by `weight_decay`.
 *
 * @example
 * import { decoupled, l2, sgd } from "@llr/optim";
 * // Three steps without gradient: l2 gathers in the momentum buffer, decoupled decay is 1 − 0.1·0.5 a step.
 * const weights = [l2(0.5), decoupled(0.5)].map((weightDecay) => {
 *   const w = { name: "w", data: Float64Array.of(1), grad: Float64Array.of(0) };
 *   const optimizer = sgd([w], { lr: 0.1, momentum: 0.9, weightDecay });
 *   for (let t = 0; t < 3; t++) optimizer.step();
 *   return w.data[0];
 * });
 * weights // => [0.731375, 0.857375]
 */
export function decoupled(value: Hyper): WeightDecay {
  return { kind: "decoupled", value };
}
