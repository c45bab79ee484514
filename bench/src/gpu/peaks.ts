// What devices could do at most, for shares of it. A driver does not say: it is looked up by the adapter's name.

export interface Peak {
  /** Single precision, without tensor cores: a multiply-add is two operations. */
  readonly tflops: number;
  readonly source: string;
}

/** Cores and boost clock in GHz, as the vendor's data sheet or white paper has them: cores * 2 * clock is its FP32 figure. */
const CARDS: readonly (readonly [name: RegExp, cores: number, clock: number, source: string])[] = [
  [/h200$/, 16896, 1.98, "NVIDIA H200 data sheet"],
  [/h100-80gb-hbm3$/, 16896, 1.98, "NVIDIA H100 data sheet (SXM)"],
  [/h100-pcie$/, 14592, 1.755, "NVIDIA H100 data sheet (PCIe)"],
  [/a100-(sxm4|pcie)-(40|80)gb$|a100-80gb-pcie$/, 6912, 1.41, "NVIDIA A100 data sheet"],
  [/v100-sxm2-(16|32)gb$/, 5120, 1.53, "NVIDIA V100 data sheet (SXM2)"],
  [/tesla-t4$/, 2560, 1.59, "NVIDIA T4 data sheet"],
  [/nvidia-l4$/, 7424, 2.04, "NVIDIA L4 data sheet"],
  [/nvidia-l40s$/, 18176, 2.52, "NVIDIA L40S data sheet"],
  [/nvidia-a10$/, 9216, 1.695, "NVIDIA A10 data sheet"],
  [/rtx-3090$/, 10496, 1.695, "NVIDIA Ampere GA102 white paper"],
  [/rtx-4080$/, 9728, 2.505, "NVIDIA Ada white paper"],
  [/rtx-4090$/, 16384, 2.52, "NVIDIA Ada white paper"],
];

/** Lower case, with dashes: as browsers give names, and fit for a file. */
export const slug = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");

/** Null for a device that is not in the table; variants (laptops, slices of a card) are not guessed from their relatives. */
export function peakOf(adapter: string): Peak | null {
  const found = CARDS.find(([name]) => name.test(slug(adapter)));
  if (found === undefined) return null;
  const [, cores, clock, source] = found;
  return { tflops: (cores * 2 * clock) / 1000, source: `${source}: ${cores} cores * 2 * ${clock} GHz` };
}
