// The report's colour scale, by nine of its colours and straight lines between them.
const STOPS = [0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725].map((rgb) => [rgb >> 16, (rgb >> 8) & 255, rgb & 255]);

/** @param t 0 to 1 */
export function viridis(t: number): string {
  const at = Math.min(1, Math.max(0, t)) * (STOPS.length - 1);
  const i = Math.min(STOPS.length - 2, Math.floor(at));
  const mixed = STOPS[i].map((from, channel) => Math.round(from + (at - i) * (STOPS[i + 1][channel] - from)));
  return `rgb(${mixed.join(" ")})`;
}
