import type { DeviceBuffer } from "../../device.ts";
import type { Kernel } from "../../gpu/kernel.ts";
import type { Run } from "../../gpu/kernels.ts";
import { runBoth, sumOfParts } from "../../gpu/kernels.ts";
import { quotient } from "../../gpu/source.ts";
import type { Operand, Product } from "../../gpu/tiles.ts";
import type { Transposes } from "./matmul.ts";

interface Sizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch: number;
}

/** A thread of a product with fewer results than {@link MANY_RESULTS} adds up about this many terms. */
const TERMS_A_THREAD = 1024;
/** Parts times results stay below this, and so within the 65,535 planes that a kernel's output may have. */
const MANY_RESULTS = 32_768;
/** More, and their sum would be the long one. */
const MOST_PARTS = 2048;

/**
 * One thread an element of the output: a row of a times a column of b. With several `parts` the terms are cut into as many
 * ranges, and the output is the arrays of their sums, one after the other.
 */
function productKernel(name: string, { m, n, k, batch }: Sizes, { transposeA, transposeB }: Transposes, parts = 1): Kernel {
  const range = Math.ceil(k / parts);
  const term = parts === 1 ? "i" : "first + i";
  const a = transposeA ? `a[p * ${k} + ${term}][this.thread.y]` : `a[p * ${m} + this.thread.y][${term}]`;
  const b = transposeB ? `b[p * ${n} + this.thread.x][${term}]` : `b[p * ${k} + ${term}][this.thread.x]`;
  const places = parts === 1
    ? "const p = this.thread.z;"
    : `const part = ${quotient("this.thread.z", batch)};
  const p = this.thread.z - part * ${batch};
  const first = part * ${range};`;
  return {
    name,
    inputs: [transposeA ? [batch * k, m] : [batch * m, k], transposeB ? [batch * n, k] : [batch * k, n]],
    output: [parts * batch, m, n],
    source: `function (a, b) {
  ${places}
  let sum = 0;
  for (let i = 0; i < ${range}; i++) ${range * parts === k ? "" : `if (first + i < ${k}) `}sum += ${a} * ${b};
  return sum;
}`,
  };
}

/**
 * The product by one thread an element. Few results of many terms are summed in two stages: else there were few threads, each
 * with a long way to go.
 */
export function product(run: Run, inputs: readonly DeviceBuffer[], sizes: Sizes, attrs: Transposes): DeviceBuffer {
  const results = sizes.m * sizes.n * sizes.batch;
  const parts = results === 0 ? 1 : Math.max(1, Math.min(MOST_PARTS, Math.ceil(sizes.k / TERMS_A_THREAD), Math.floor(MANY_RESULTS / results)));
  const kernel = productKernel("matmul", sizes, attrs, parts);
  return parts === 1 ? run(kernel, inputs) : runBoth(run, kernel, inputs, sumOfParts("matmul", parts, results));
}

/** The same for tiles. */
export function matmulProduct({ m, n, k, batch }: Sizes, { transposeA, transposeB }: Transposes): Product {
  const operand = (sides: number, areRows: boolean): Operand => ({
    length: batch * sides * k,
    place: `p * ${sides * k} + side${areRows ? ` * ${k}` : ""}, 0, 0`,
    step: `i${areRows ? "" : ` * ${sides}`}, 0, 0`,
    index: "place.x + step.x",
    neighbours: areRows ? "terms" : "sides",
    isAligned: !areRows && sides % 4 === 0,
  });
  return {
    name: "matmul", m, n, k, count: batch,
    a: operand(m, !transposeA), b: operand(n, transposeB),
    output: { index: `p * ${m * n} + row * ${n} + column`, isAligned: n % 4 === 0 },
  };
}
