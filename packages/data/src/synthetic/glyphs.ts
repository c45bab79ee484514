import { ArgumentError, type Rng } from "@llr/tensor";
import { channelStatistics, type Dataset } from "../dataset.ts";

// Ten digits side by side, each 5 wide and 7 high, with a column between them.
const FONT = `
.###. ..#.. .###. ##### ...#. ##### ..##. ##### .###. .###.
#...# .##.. #...# ....# ..##. #.... .#... ....# #...# #...#
#..## ..#.. ....# ...#. .#.#. ####. #.... ...#. #...# #...#
#.#.# ..#.. ...#. ..##. #..#. ....# ####. ..#.. .###. .####
##..# ..#.. ..#.. ....# ##### ....# #...# ..#.. #...# ....#
#...# ..#.. .#... #...# ...#. #...# #...# ..#.. #...# ...#.
.###. .###. ##### .###. ...#. .###. .###. ..#.. .###. .##..
`.trim().split("\n");

const WIDTH = 5;
const HEIGHT = 7;

const isInk = (digit: number, row: number, column: number): boolean => FONT[row][digit * (WIDTH + 1) + column] === "#";

export interface GlyphOptions {
  readonly count: number;
  readonly rng: Rng;
  /** Height and width in pixels, default 8; at 28 the images are as large as MNIST's. */
  readonly size?: number | undefined;
  /** Standard deviation of the noise on each pixel, of 255; default 24. */
  readonly noise?: number | undefined;
}

/**
 * Drawn digits for tests: as a data set of grey images like MNIST, but made in an instant and learnt in a few steps.
 *
 * Each image shows one digit of a 5 x 7 font, enlarged as the size allows, moved by up to one enlarged pixel from the
 * centre, with ink of random strength and noise. Image i shows digit i % 10.
 *
 * @throws ArgumentError if count is not a positive integer, or the size is below 8
 * @example
 * import { glyphs } from "@llr/data";
 * import { Rng } from "@llr/tensor";
 * const digits = glyphs({ count: 50, size: 28, rng: new Rng(1) });
 * digits.images.shape // => [50, 1, 28, 28]
 * digits.labels.subarray(0, 3) // => [0, 1, 2]
 */
export function glyphs({ count, rng, size = 8, noise = 24 }: GlyphOptions): Dataset {
  if (!Number.isInteger(count) || count < 1) throw new ArgumentError("glyphs", `count is ${count}. It must be a positive integer.`);
  if (!Number.isInteger(size) || size < 8) throw new ArgumentError("glyphs", `size is ${size}. It must be an integer of at least 8.`);
  const classes = Array.from({ length: 10 }, (_, digit) => `${digit}`);
  const data = new Uint8ClampedArray(count * size * size);
  for (let i = 0; i < count; i++) draw(data.subarray(i * size * size, (i + 1) * size * size), size, i % 10, noise, rng);
  const images = { shape: [count, 1, size, size] as const, data: new Uint8Array(data.buffer) };
  return { name: `glyphs ${size}x${size}`, images, labels: Uint8Array.from({ length: count }, (_, i) => i % 10), classes, ...channelStatistics(images) };
}

/** Writes to a clamped array, so that noise below black stays black. */
function draw(pixels: Uint8ClampedArray, size: number, digit: number, noise: number, rng: Rng): void {
  const scale = Math.floor(size / 8);
  const place = (extent: number): number => {
    const room = size - extent * scale;
    const shift = rng.integer(2 * scale + 1) - scale;
    return Math.min(room, Math.max(0, Math.floor(room / 2) + shift));
  };
  const left = place(WIDTH);
  const top = place(HEIGHT);
  const ink = rng.uniform(150, 255);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const row = Math.floor((y - top) / scale);
      const column = Math.floor((x - left) / scale);
      const inside = row >= 0 && row < HEIGHT && column >= 0 && column < WIDTH;
      pixels[y * size + x] = (inside && isInk(digit, row, column) ? ink : 0) + rng.normal(0, noise);
    }
}
