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
 */
export function decoupled(value: Hyper): WeightDecay {
  return { kind: "decoupled", value };
}
