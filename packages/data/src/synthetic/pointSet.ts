import { ArgumentError, type Rng } from "@llr/tensor";

/** Labelled points as plain arrays. */
export interface PointSet {
  readonly points: { readonly shape: readonly [count: number, dimensions: number]; readonly data: Float32Array };
  readonly labels: { readonly shape: readonly [count: number]; readonly data: Int32Array };
}

export interface PointSetOptions {
  readonly count: number;
  readonly rng: Rng;
  /** How many classes; point i is of class i % classes. */
  readonly classes?: number | undefined;
}

/** Makes the points one by one; `place` writes the coordinates of a point of the given class. */
export function pointSet(op: string, count: number, dimensions: number, classes: number, place: (label: number, coordinates: Float32Array) => void): PointSet {
  for (const [name, value] of Object.entries({ count, dimensions, classes }))
    if (!Number.isInteger(value) || value < 1) throw new ArgumentError(op, `${name} is ${value}. It must be a positive integer.`);
  const data = new Float32Array(count * dimensions);
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
  labels.forEach((label, i) => place(label, data.subarray(i * dimensions, (i + 1) * dimensions)));
  return { points: { shape: [count, dimensions], data }, labels: { shape: [count], data: labels } };
}
