import type { Address } from "../../op.ts";
import { kernels } from "../../simd/kernels.ts";
import { parallel } from "../../simd/parallel.ts";
import { withScratch } from "../../simd/scratch.ts";
import { isTurbo } from "../../simd/turbo.ts";

/** A matrix in the shared memory: element (i, j) is at `address + i * row + j * column`, in bytes. One of the steps is 4. */
export interface AddressedMatrix {
  readonly address: Address;
  readonly row: number;
  readonly column: number;
}

/** Terms of the sum that are added up in registers; the next ones are added to the result in memory. Sized for the first-level cache. */
const BLOCK_TERMS = 384;
/** Columns whose packed strips are used together. */
const BLOCK_COLUMNS = 1024;
/** Rows of packed A that stay in the second-level cache while all of B's strips pass by. */
const CACHED_ROWS = 240;
/** Rows that are packed at once: enough for several threads. */
const BLOCK_ROWS = 8 * CACHED_ROWS;
const NARROW = ["gemmPackA", "gemmPackB", "gemmTiles"] as const;
const WIDE = ["gemmWidePackA", "gemmWidePackB", "gemmWideTiles"] as const;

/** Multiply-adds that take about 2 us: less is not worth handing to another thread. */
const WORTH_SHARING = 50_000;

/** c [m, n] = a [m, k] b [k, n] with compiled kernels, c in row-major order; m, n, k at least 1. */
export function simdGemm(c: Address, a: AddressedMatrix, b: AddressedMatrix, m: number, n: number, k: number): void {
  if (m === 1) vectorTimesMatrix(c, a.address, b, n, k);
  else if (n === 1) vectorTimesMatrix(c, b.address, { address: a.address, row: a.column, column: a.row }, m, k); // c^T = b^T a^T
  else packedGemm(c, a, b, m, n, k);
}

/** The vector is contiguous: it is a whole operand. */
function vectorTimesMatrix(c: Address, v: Address, { address, row, column }: AddressedMatrix, n: number, k: number): void {
  if (row === 4) parallel("gemmVectorDots", [c, v, address, column, k], n, grainOf(k * 4));
  else parallel("gemmVectorColumns", [c, v, address, row, k], n, 32 * grainOf(32 * k * 4));
}

/** Both operands are packed block by block, so that their steps do not matter; see gemm.simd.ts. */
function packedGemm(c: Address, a: AddressedMatrix, b: AddressedMatrix, m: number, n: number, k: number): void {
  const [packA, packB, tiles] = isTurbo() ? WIDE : NARROW;
  const { gemmRows, gemmColumns } = kernels();
  const [rows, columns] = [gemmRows(Number(isTurbo())), gemmColumns(Number(isTurbo()))];
  const terms = Math.ceil(k / Math.ceil(k / BLOCK_TERMS));
  const bytesA = Math.ceil(Math.min(m, BLOCK_ROWS) / rows) * rows * terms * 4;
  const bytesB = Math.ceil(Math.min(n, BLOCK_COLUMNS) / columns) * columns * terms * 4;
  withScratch(bytesA + bytesB, (packedA) => {
    const packedB = packedA + bytesA;
    for (let p = 0; p < k; p += terms) {
      const count = Math.min(terms, k - p);
      for (let j = 0; j < n; j += BLOCK_COLUMNS) {
        const width = Math.min(BLOCK_COLUMNS, n - j);
        const strips = Math.ceil(width / columns);
        parallel(packB, [packedB, b.address + p * b.row + j * b.column, b.row, b.column, width, count], strips, grainOf(columns * count * 8));
        for (let i = 0; i < m; i += BLOCK_ROWS) {
          const height = Math.min(BLOCK_ROWS, m - i);
          // A that fits into one block stays packed for all columns.
          if (j === 0 || m > BLOCK_ROWS) parallel(packA, [packedA, a.address + i * a.row + p * a.column, a.row, a.column, height, count], Math.ceil(height / rows), grainOf(rows * count * 8));
          // Blocks of equal height, so that threads get equal shares.
          const blocks = Math.ceil(height / CACHED_ROWS);
          const block = Math.ceil(height / blocks / rows) * rows;
          parallel(tiles, [c + (i * n + j) * 4, n * 4, packedA, packedB, height, width, count, block, p === 0 ? 0 : 1], strips * blocks, grainOf(block * columns * count));
        }
      }
    }
  });
}

const grainOf = (workOfOne: number): number => Math.ceil(WORTH_SHARING / workOfOne);
