import { ArgumentError } from "@llr/tensor";

/**
 * The loss of the class prior: the mean cross-entropy of a model that answers every image with the classes' shares. A model
 * that has learned anything of the images is below it; one that knows nothing of them is not, whatever it answers.
 *
 *     H = -sum over classes of q ln q,   q the share of a class among the labels
 *
 * @param labels class numbers, integers >= 0
 * @returns in nats; 0 if all labels are equal
 * @throws ArgumentError without labels, or if one is no class number
 * @example
 * import { labelEntropy } from "@llr/train";
 * labelEntropy([0, 1, 2, 3]) // => 1.3863
 * labelEntropy([0, 0, 0, 1]) // => 0.5623
 */
export function labelEntropy(labels: ArrayLike<number>): number {
  if (labels.length === 0) throw new ArgumentError("labelEntropy", "there are no labels. It needs at least one.");
  const counts = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isInteger(labels[i]) || labels[i] < 0) throw new ArgumentError("labelEntropy", `label ${i} is ${labels[i]}. It needs class numbers, integers >= 0.`);
    counts.set(labels[i], (counts.get(labels[i]) ?? 0) + 1);
  }
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / labels.length) * Math.log(count / labels.length);
  return Math.max(0, entropy); // not -0
}
