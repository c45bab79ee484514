import type { Rng } from "@llr/tensor";
import { pointSet, type PointSet, type PointSetOptions } from "./pointSet.ts";

export interface BlobOptions extends PointSetOptions {
  /** Coordinates a point, default 2. */
  readonly dimensions?: number | undefined;
  /** Standard deviation of a cloud in each coordinate, default 0.1. */
  readonly spread?: number | undefined;
}

/**
 * One normally distributed cloud a class, around centres drawn from the standard normal distribution: where the spread is
 * small against 1, a linear classifier is enough.
 *
 * Another call with the same generator draws other points around the same centres, for example a test set.
 *
 * @throws ArgumentError if count, classes or dimensions is not a positive integer
 * @example
 * import { gaussianBlobs } from "@llr/data";
 * import { Rng } from "@llr/tensor";
 * gaussianBlobs({ count: 90, classes: 3, dimensions: 5, rng: new Rng(1) }).points.shape // => [90, 5]
 */
export function gaussianBlobs({ count, rng, classes = 2, dimensions = 2, spread = 0.1 }: BlobOptions): PointSet {
  const centres: Float64Array[] = [];
  return pointSet("gaussianBlobs", count, dimensions, classes, (label, coordinates) => {
    // A stream does not depend on what was drawn before, which is what makes the centres the same in the next call.
    const centre = (centres[label] ??= standardNormal(rng.stream(`centre/${label}`), dimensions));
    for (let axis = 0; axis < dimensions; axis++) coordinates[axis] = centre[axis] + rng.normal(0, spread);
  });
}

function standardNormal(rng: Rng, length: number): Float64Array {
  const values = new Float64Array(length);
  rng.fillNormal(values);
  return values;
}
