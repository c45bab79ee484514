// The numbers that the report carries for its zoomable chart.
import type { Comparison } from "./comparison.ts";
import { layersOf, thin } from "./comparison.ts";

/** Steps of each arm that the page holds at most. */
export const EXPLORER_STEPS = 600;

export const EXPLORER_QUANTITIES = {
  rate: "rate", trust: "trust", ratio: "relative step ‖Δw‖ / ‖w‖", effective: "effective rate ‖Δw‖ / ‖g‖", weightNorm: "‖w‖", gradNorm: "‖g‖", updateNorm: "‖Δw‖",
} as const;

export interface ExplorerData {
  readonly quantities: typeof EXPLORER_QUANTITIES;
  readonly layers: readonly string[];
  readonly arms: readonly {
    readonly label: string;
    readonly steps: readonly number[];
    /** Layer -> quantity -> a number a step; null where it is none. */
    readonly layers: Readonly<Record<string, Readonly<Record<keyof typeof EXPLORER_QUANTITIES, readonly (number | null)[]>>>>;
  }[];
}

/** Six digits are more than a chart shows. */
const short = (x: number): number | null => (Number.isFinite(x) ? Number(x.toPrecision(6)) : null);

export function explorerData({ arms }: Comparison): ExplorerData {
  const layers = [...new Set(arms.flatMap((arm) => layersOf(arm.layers).map((l) => l.layer)))];
  return {
    quantities: EXPLORER_QUANTITIES, layers,
    arms: arms.filter((arm) => arm.layers.steps.length > 0).map((arm) => {
      const kept = thin(arm.layers.steps.length, EXPLORER_STEPS);
      const columnsOf = layersOf(arm.layers).map(({ layer, columns: c }) => {
        const pick = (f: (i: number) => number): (number | null)[] => kept.map((i) => short(f(i)));
        return [layer, {
          rate: pick((i) => c.rate[i]), trust: pick((i) => c.trust[i]), ratio: pick((i) => c.updateNorm[i] / c.weightNorm[i]), effective: pick((i) => c.updateNorm[i] / c.gradNorm[i]),
          weightNorm: pick((i) => c.weightNorm[i]), gradNorm: pick((i) => c.gradNorm[i]), updateNorm: pick((i) => c.updateNorm[i]),
        }] as const;
      });
      return { label: arm.label, steps: kept.map((i) => arm.layers.steps[i]), layers: Object.fromEntries(columnsOf) };
    }),
  };
}
