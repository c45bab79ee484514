// Where the rates of a comparison come from. A rate is good for the training it was found for, and a comparison of another
// kind must say that its rates were found elsewhere.

/** What a rate was found for. */
export interface Setting {
  readonly model: string;
  readonly dataset: string;
  readonly epochs: number;
  readonly batchSize: number;
  /** Training images. */
  readonly images: number;
}

export interface RateSource {
  /** A document of the repository, or the folder of a sweep. */
  readonly from: string;
  readonly foundFor: Setting;
  /** Every rate was multiplied by this. */
  readonly scale: number;
}

/** A sweep sets images aside, and trains on a few less than the comparison that takes its rates. */
const SAME_IMAGES = 0.1;

/** Whether rates found for one setting hold for the other: all alike, but for a tenth of the images. */
function holdsFor(foundFor: Setting, present: Setting): boolean {
  const { model, dataset, epochs, batchSize, images } = foundFor;
  const alike = model === present.model && dataset === present.dataset && epochs === present.epochs && batchSize === present.batchSize;
  return alike && Math.abs(present.images - images) <= SAME_IMAGES * Math.max(present.images, images);
}

const describe = ({ model, dataset, epochs, batchSize, images }: Setting): string =>
  `${model} on ${images.toLocaleString("en")} images of ${dataset}, ${epochs} epoch${epochs === 1 ? "" : "s"} in batches of ${batchSize}`;

/** Why the rates may be wrong for this comparison, in a sentence; null where they were found for it. */
export function rateSourceWarning({ from, foundFor, scale }: RateSource, present: Setting): string | null {
  const scaled = scale === 1 ? "" : `every arm's rate is ${scale} times what was found (--rate-scale)`;
  if (holdsFor(foundFor, present)) return scaled === "" ? null : `The ranking may be one of rates: ${scaled}.`;
  return `The rates were found for another training (${from}): ${describe(foundFor)}. This one is ${describe(present)}${scaled === "" ? "" : `, and ${scaled}`}. Arms may rank by how well their rates carry over: find others with llr sweep, and hand them over with --rates.`;
}
