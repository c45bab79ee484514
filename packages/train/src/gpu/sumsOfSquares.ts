import { type Tensor, zeros } from "@llr/tensor";
import type { Dims, Gpu } from "@llr/tensor/gpu";

/** What one sum is over: the squares of a tensor, of the difference of two, or nothing. */
export type Summed = Tensor | readonly [Tensor, Tensor] | null;

/** Numbers that one thread adds up. Fewer keep a device busier with large arrays, more spare it launches. */
const PER_THREAD = 256;
/** Arguments of a kernel. */
const MOST_INPUTS = 7;

/**
 * Σx² of each row, as one tensor [rows]. Several rows share a launch, and long ones are summed in stages, so that no thread
 * adds more than 256 numbers: in single precision that is good to 256·2^-24 = 2e-5 a stage at worst (all roundings in one
 * direction), to about 1e-6 in practice. Squares below 1e-38 count as 0 and above 3e38 as infinite, so elements below 1e-19
 * and above 1e19.
 */
export function sumsOfSquares(gpu: Gpu, rows: readonly Summed[]): Tensor {
  let parts = grouped(rows, tensorsOf).map((group) => squares(gpu, group));
  while (parts.length > 1 || parts[0].shape[1] > 1) parts = grouped(parts, (part) => [part]).map((group) => sums(gpu, group));
  return parts[0];
}

const tensorsOf = (row: Summed): readonly Tensor[] => (row === null ? [] : "length" in row ? row : [row]);

/** In order, as many in a group as a kernel takes arguments. */
function grouped<T>(items: readonly T[], inputsOf: (item: T) => readonly Tensor[]): T[][] {
  const groups: T[][] = [];
  let inputs = new Set<Tensor>();
  for (const item of items) {
    const more = new Set([...inputs, ...inputsOf(item)]);
    if (groups.length === 0 || more.size > MOST_INPUTS) {
      groups.push([item]);
      inputs = new Set(inputsOf(item));
    } else {
      groups.at(-1)!.push(item);
      inputs = more;
    }
  }
  return groups;
}

/** The sums of a group's rows, each in `width` parts that threads far apart have summed: [rows, width]. */
function squares(gpu: Gpu, rows: readonly Summed[]): Tensor {
  const inputs = [...new Set(rows.flatMap(tensorsOf))].filter(({ size }) => size > 0);
  const width = Math.max(1, ...inputs.map(({ size }) => Math.ceil(size / PER_THREAD)));
  const nameOf = (t: Tensor, index: string): string => `a${inputs.indexOf(t)}[${index}]`;
  const bodies = rows.map((row, k) => {
    const tensors = tensorsOf(row);
    const [{ size }] = tensors.length > 0 ? tensors : [{ size: 0 }];
    if (size === 0) return "";
    // Neighbouring threads read neighbouring numbers.
    const [x, y] = tensors.map((t) => nameOf(t, `i * ${width} + this.thread.x`));
    const value = y === undefined ? x : `${x} - ${y}`;
    return `for (let i = 0; i < ${Math.ceil(size / width)}; i++) { if (i * ${width} + this.thread.x < ${size}) { const x${k} = ${value}; sum += x${k} * x${k}; } }`;
  });
  if (inputs.length === 0) return gpu.upload(zeros([rows.length, width]));
  return gpu.run({ name: "sums of squares", inputs: inputs.map(({ size }): Dims => [size]), output: [rows.length, width], source: choosing(inputs.length, bodies) }, inputs, [rows.length, width]);
}

/** The parts of several groups, added up to 1/256 as many: [all rows, width]. */
function sums(gpu: Gpu, parts: readonly Tensor[]): Tensor {
  const width = Math.max(...parts.map(({ shape }) => Math.ceil(shape[1] / PER_THREAD)));
  let first = 0;
  const bodies = parts.flatMap(({ shape: [rows, columns] }, k) => {
    const from = first;
    first += rows;
    const body = `for (let i = 0; i < ${Math.ceil(columns / width)}; i++) { if (i * ${width} + this.thread.x < ${columns}) { sum += a${k}[this.thread.y - ${from}][i * ${width} + this.thread.x]; } }`;
    return Array.from({ length: rows }, () => body);
  });
  return gpu.run({ name: "sums of sums", inputs: parts.map(({ shape: [rows, columns] }): Dims => [rows, columns]), output: [first, width], source: choosing(parts.length, bodies) }, parts, [first, width]);
}

/** A kernel that does for each row what its body says; equal neighbours share it. */
function choosing(inputs: number, bodies: readonly string[]): string {
  let source = "";
  for (let from = 0, to = 1; from < bodies.length; from = to++) {
    while (to < bodies.length && bodies[to] === bodies[from]) to++;
    source += `if (this.thread.y >= ${from} && this.thread.y < ${to}) { ${bodies[from]} }\n`;
  }
  return `function (${Array.from({ length: inputs }, (_, k) => `a${k}`).join(", ")}) {\nlet sum = 0;\n${source}return sum;\n}`;
}
