import { VERDICT_WORDS, VERDICTS } from "@llr/train";
import { definitions } from "../html.ts";
import type { Section } from "./section.ts";

const TERMS: readonly (readonly [string, string])[] = [
  ["scheduled rate", "What the schedule says at a step, for all layers."],
  ["trust", "A layer's own factor on the scheduled rate. 1 for optimizers with one rate for all."],
  ["rate", "Scheduled rate times trust: what the layer's weights really get. A bias that gets another is drawn and listed beside them."],
  ["no rate", "A step in which the rule had nothing to compute a rate from, since a norm was 0 (zeroNorm; the record then holds the scheduled rate or the last one), or in which the parameter was left as it is: it had no gradient, or one that was no number."],
  ["relative step", "‖Δw‖ / ‖w‖: how far one step moved a layer's weights, decay included, over their norm. Comparable between all optimizers."],
  ["gradient norm", "‖g‖: the root of the sum of squares of all gradients of a step, before clipping."],
  ["limited by", "Why a layer did not get what its rule asked for: schedule (the scheduled rate is the cap), floor (less than the smallest rate), growth (faster up than one step allows), warmup (too few steps seen), zeroNorm (a norm is zero)."],
  ["training", `What became of the training loss. ${VERDICTS.map((verdict) => `${VERDICT_WORDS[verdict].label}: ${VERDICT_WORDS[verdict].meaning}`).join("; ")}. A model that knows nothing gives every image the same answer, the shares of the classes.`],
  ["1cycle", "A rate that goes up and comes down once, with momentum going the other way."],
];

export const terms: Section = { id: "terms", heading: "Terms", short: "Terms", body: () => definitions(TERMS) };
