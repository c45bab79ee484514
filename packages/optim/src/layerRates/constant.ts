import type { LayerRate } from "../updateRule.ts";

/** Every layer gets the scheduled rate: `trust = 1`. */
export const constantRate: LayerRate<unknown> = {
  state: { arrays: () => [], numbers: [] },
  rateOf: ({ lr }) => ({ trust: 1, rate: lr, limitedBy: null, decays: true }),
};
