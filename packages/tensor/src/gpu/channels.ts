// Kernels over [batch, channels, pixels], for normalisation: sums over a channel, and something for every number or channel.
import type { DeviceBuffer } from "../device.ts";
import { refuseWide } from "./grid.ts";
import type { Dims } from "./kernel.ts";
import type { Run } from "./kernels.ts";
import { quotient } from "./source.ts";
import { sumLines } from "./sums.ts";

export interface ChannelSizes {
  readonly batch: number;
  readonly channels: number;
  /** Numbers of one channel of one image. */
  readonly pixels: number;
}

/** Arrays by the names that a kernel's source gives them. */
export interface Arrays {
  /** As large as the input. */
  readonly whole?: Readonly<Record<string, DeviceBuffer>>;
  /** Others, such as those with one number for each channel. */
  readonly others?: Readonly<Record<string, DeviceBuffer>>;
}

/** What a kernel's source reads of them: a kernel takes few arguments. */
function argumentsOf({ whole = {}, others = {} }: Arrays, dims: Dims, source: string): { readonly names: string; readonly buffers: readonly DeviceBuffer[]; readonly inputs: readonly Dims[] } {
  const used = [...Object.entries(whole), ...Object.entries(others)].filter(([name]) => source.includes(`${name}[`));
  const buffers = used.map(([, buffer]) => buffer);
  return { names: used.map(([name]) => name).join(", "), buffers, inputs: used.map(([name, { length }]) => (name in whole ? dims : [length])) };
}

/** Numbers that one thread adds up in the first stage. */
const SHARE = 64;

/**
 * Sums over channels. A thread's pixels lie `apart` from each other, its images `groups`, so that neighbours read neighbours.
 *
 * @param terms one or two expressions in `[plane][p]`, the place of a number, its image `n` and its channel `c`
 * @returns [terms, channels]
 */
export function channelSums(run: Run, name: string, { batch, channels, pixels }: ChannelSizes, arrays: Arrays, terms: readonly [string, string?], finish?: string): DeviceBuffer {
  const perThread = Math.min(SHARE, Math.max(1, Math.ceil(pixels / SHARE)));
  const apart = Math.max(1, Math.ceil(pixels / perThread));
  const images = Math.max(1, Math.min(batch, Math.ceil(SHARE / perThread)));
  const groups = Math.max(1, Math.ceil(batch / images));
  const [first, second] = terms;
  const { names, buffers, inputs } = argumentsOf(arrays, [batch * channels, pixels], terms.join());
  // One group of images leaves an axis free: the second one is not as short as the third.
  const at = groups === 1 ? "this.thread.y" : "this.thread.z";
  const source = `function (${names}) {
  const c = ${second === undefined ? at : `${at} < ${channels} ? ${at} : ${at} - ${channels}`};
  let sum = 0;
  for (let i = 0; i < ${images}; i++) {
    const n = ${groups === 1 ? "i" : `this.thread.y + i * ${groups}`};
    if (n < ${batch}) {
      const plane = n * ${channels} + c;
      for (let j = 0; j < ${perThread}; j++) {
        const p = this.thread.x + j * ${apart};
        if (p < ${pixels}) { ${second === undefined ? `sum += ${first};` : `if (${at} < ${channels}) { sum += ${first}; } else { sum += ${second}; }`} }
      }
    }
  }
  return sum;
}`;
  const lines = channels * (second === undefined ? 1 : 2);
  const output: Dims = groups === 1 ? [lines, apart] : [lines, groups, apart];
  return sumLines(run, name, run({ name, inputs, output, source }, buffers), { lines, count: groups * apart }, finish);
}

/** Refuses, before the first kernel, what {@link everyNumber} could not do. */
export const refuseSizes = (name: string, { batch, channels, pixels }: ChannelSizes): void => (pixels === 1 ? refuseWide(name, batch, channels) : refuseWide(name, batch * channels, pixels));

/** An expression for every number, in its place `[plane][p]`, its image `n` and its channel `c`. */
export function everyNumber(run: Run, name: string, { batch, channels, pixels }: ChannelSizes, arrays: Arrays, expression: string): DeviceBuffer {
  // Without pixels to a channel, rows of channels: a thread's neighbour along x is its neighbour in memory.
  const rows: Dims = pixels === 1 ? [batch, channels] : [batch * channels, pixels];
  const channel = pixels === 1 ? "const n = this.thread.y; const c = this.thread.x;" : `const n = ${quotient("this.thread.y", channels)}; const c = this.thread.y - n * ${channels};`;
  const { names, buffers, inputs } = argumentsOf(arrays, rows, expression);
  const place = expression.replaceAll("[plane][p]", "[this.thread.y][this.thread.x]");
  return run({ name, inputs, output: rows, source: `function (${names}) { ${channel} return ${place}; }` }, buffers);
}

/** An expression for every channel `c`. */
export function everyChannel(run: Run, name: string, channels: number, others: NonNullable<Arrays["others"]>, expression: string): DeviceBuffer {
  const { names, buffers, inputs } = argumentsOf({ others }, [channels], expression);
  return run({ name, inputs, output: [channels], source: `function (${names}) { const c = this.thread.x; return ${expression}; }` }, buffers);
}
