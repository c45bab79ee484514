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
 * order from `start`.
 *
 * Four columns are computed at a time: each a[i, p] is read once for four products, and four independent sums keep the
 * adder busy where one would wait for itself. Sums are in double precision.
 */
export function gemm(c: Numbers, start: number, a: Matrix, b: Matrix, m: number, n: number, k: number, accumulate = false): void {
  const { data: A, row: aRow, column: aStep } = a;
  const { data: B, row: bStep, column: bColumn } = b;
  if (!accumulate) c.fill(0, start, start + m * n);
  for (let i = 0; i < m; i++) {
    const out = start + i * n;
    const aStart = a.start + i * aRow;
    let j = 0;
    for (; j + 4 <= n; j += 4) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let p = aStart;
      let q = b.start + j * bColumn;
      for (let l = 0; l < k; l++, p += aStep, q += bStep) {
        const x = A[p];
        s0 += x * B[q];
        s1 += x * B[q + bColumn];
        s2 += x * B[q + 2 * bColumn];
        s3 += x * B[q + 3 * bColumn];
      }
      c[out + j] = c[out + j] + s0;
      c[out + j + 1] = c[out + j + 1] + s1;
      c[out + j + 2] = c[out + j + 2] + s2;
      c[out + j + 3] = c[out + j + 3] + s3;
    }
    for (; j < n; j++) {
      let s = 0;
      for (let l = 0, p = aStart, q = b.start + j * bColumn; l < k; l++, p += aStep, q += bStep) s += A[p] * B[q];
      c[out + j] = c[out + j] + s;
    }
  }
}
