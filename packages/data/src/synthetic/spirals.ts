import { pointSet, type PointSet, type PointSetOptions } from "./pointSet.ts";

export interface SpiralOptions extends PointSetOptions {
  /** How often an arm winds, default 1. */
  readonly turns?: number | undefined;
  /** Standard deviation added to each coordinate, default 0.02. */
  readonly noise?: number | undefined;
}

/**
 * Interleaved spirals in the unit disc, one arm a class: nothing linear separates them, a small network does.
 *
 *   r uniform in [0.1, 1);  angle = 2π (turns · r + class / classes);  x = r cos, y = r sin, plus normal noise
 *
 * @throws ArgumentError if count or classes is not a positive integer
 * @example
 * import { spirals } from "@llr/data";
 * import { Rng } from "@llr/tensor";
 * const { points, labels } = spirals({ count: 200, rng: new Rng(1) });
 * points.shape // => [200, 2]
 * labels.data.subarray(0, 4) // => [0, 1, 0, 1]
 */
export function spirals({ count, rng, classes = 2, turns = 1, noise = 0.02 }: SpiralOptions): PointSet {
  return pointSet("spirals", count, 2, classes, (label, coordinates) => {
    // Not from 0: at the centre the arms meet and no label is right.
    const r = rng.uniform(0.1, 1);
    const angle = 2 * Math.PI * (turns * r + label / classes);
    coordinates[0] = r * Math.cos(angle) + rng.normal(0, noise);
    coordinates[1] = r * Math.sin(angle) + rng.normal(0, noise);
  });
}
