import type { Numbers } from "../../dtype.ts";

/** A matrix inside an array: element (i, j) is at `start + i * row + j * column`. Swapping the steps transposes it. */
export interface Matrix {
  readonly data: Numbers;
  start: number;
  readonly row: number;
  readonly column: number;
}

/**
 * c[i, j] = sum over p of a[i, p] * b[p, j], added to what is there when `accumulate` is set; c is [m, n] in row-major
 * order from `start`. Sums are in double precision.
 *
 * Tiles of 2 x 4 sums are computed together: six numbers are read for eight products, and independent sums keep the adder
 * busy where one would wait for itself. What is left at the edges is done one by one.
 */
export function gemm(c: Numbers, start: number, a: Matrix, b: Matrix, m: number, n: number, k: number, accumulate = false): void {
  if (!accumulate) c.fill(0, start, start + m * n);
  const mTiled = m - (m % 2);
  const nTiled = n - (n % 4);
  for (let i = 0; i < mTiled; i += 2) for (let j = 0; j < nTiled; j += 4) addTile(c, start + i * n + j, n, a, b, i, j, k);
  for (let i = 0; i < mTiled; i++) for (let j = nTiled; j < n; j++) addDot(c, start + i * n + j, a, b, i, j, k);
  for (let i = mTiled; i < m; i++) for (let j = 0; j < n; j++) addDot(c, start + i * n + j, a, b, i, j, k);
}

/** The 2 x 4 elements from (i, j): `out` is the place of the first, `n` the length of a row of c. */
function addTile(c: Numbers, out: number, n: number, a: Matrix, b: Matrix, i: number, j: number, k: number): void {
  const { data: A, row: aRow, column: aStep } = a;
  const { data: B, row: bStep, column: bColumn } = b;
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  let p = a.start + i * aRow;
  let q = b.start + j * bColumn;
  for (let l = 0; l < k; l++, p += aStep, q += bStep) {
    const x = A[p];
    const y = A[p + aRow];
    const b0 = B[q];
    const b1 = B[q + bColumn];
    const b2 = B[q + 2 * bColumn];
    const b3 = B[q + 3 * bColumn];
    s00 += x * b0;
    s01 += x * b1;
    s02 += x * b2;
    s03 += x * b3;
    s10 += y * b0;
    s11 += y * b1;
    s12 += y * b2;
    s13 += y * b3;
  }
  c[out] += s00;
  c[out + 1] += s01;
  c[out + 2] += s02;
  c[out + 3] += s03;
  c[out + n] += s10;
  c[out + n + 1] += s11;
  c[out + n + 2] += s12;
  c[out + n + 3] += s13;
}

/** The element (i, j) alone. */
function addDot(c: Numbers, out: number, a: Matrix, b: Matrix, i: number, j: number, k: number): void {
  let sum = 0;
  for (let l = 0, p = a.start + i * a.row, q = b.start + j * b.column; l < k; l++, p += a.column, q += b.row) sum += a.data[p] * b.data[q];
  c[out] += sum;
}
