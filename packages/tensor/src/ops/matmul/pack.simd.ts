// Packing for the matrix product: operands are rearranged into strips, in which the numbers of one step of the sum lie side
// by side. The inner loop then reads two streams whatever the strides were, so a transposed operand costs nothing extra.
// Strips at the edges are filled up with zeros.
import { COLUMNS, ROWS } from "../../simd/tile.simd";
import { transpose4 } from "../../simd/transpose4.simd";

/** Packs strips `from` to `to` of A [m, k], whose element (i, p) is at a + i * row + p * step (bytes): strip[p][i]. */
export function gemmPackA(packed: usize, a: usize, row: usize, step: usize, m: i32, k: i32, from: i32, to: i32): void {
  for (let s = from; s < to; s++) {
    const strip = packed + <usize>s * ROWS * <usize>k * 4;
    const source = a + <usize>s * ROWS * row;
    const present = m - s * ROWS;
    if (present < ROWS) packEdge(strip, source, row, step, present, ROWS, k);
    else if (row == 4) copyA(strip, source, step, k);
    else transposeA(strip, source, row, step, k);
  }
}

/** Packs strips `from` to `to` of B [k, n], whose element (p, j) is at b + p * step + j * column (bytes): strip[p][j]. */
export function gemmPackB(packed: usize, b: usize, step: usize, column: usize, k: i32, n: i32, from: i32, to: i32): void {
  for (let s = from; s < to; s++) {
    const strip = packed + <usize>s * COLUMNS * <usize>k * 4;
    const source = b + <usize>s * COLUMNS * column;
    const present = n - s * COLUMNS;
    if (present < COLUMNS) packEdge(strip, source, column, step, present, COLUMNS, k);
    else if (column == 4) copyB(strip, source, step, k);
    else transposeB(strip, source, column, step, k);
  }
}

function copyA(strip: usize, source: usize, step: usize, k: i32): void {
  for (let p = 0; p < k; p++, strip += ROWS * 4, source += step) {
    v128.store(strip, v128.load(source));
    if (ROWS == 6) store<u64>(strip, load<u64>(source, 16), 16);
    if (ROWS == 5) store<u32>(strip, load<u32>(source, 16), 16);
  }
}

function copyB(strip: usize, source: usize, step: usize, k: i32): void {
  for (let p = 0; p < k; p++, strip += COLUMNS * 4, source += step)
    for (let w = 0; w < COLUMNS; w += 4) v128.store(strip + (<usize>w << 2), v128.load(source + (<usize>w << 2)));
}

/** Steps of the sum are neighbours in A: four rows and four steps at a time. */
function transposeA(strip: usize, source: usize, row: usize, step: usize, k: i32): void {
  const whole = step == 4 ? k & ~3 : 0;
  const r4: usize = row << 2;
  const r5: usize = r4 + row;
  for (let p = 0; p < whole; p += 4, strip += 4 * ROWS * 4, source += 16) {
    transpose4(strip, ROWS * 4, source, row);
    if (ROWS == 6) {
      const e = v128.load(source + r4);
      const f = v128.load(source + r5);
      const low = v128.shuffle<f32>(e, f, 0, 4, 1, 5); // e0 f0 e1 f1
      const high = v128.shuffle<f32>(e, f, 2, 6, 3, 7);
      v128.store64_lane(strip, low, 0, 16);
      v128.store64_lane(strip, low, 1, 16 + ROWS * 4);
      v128.store64_lane(strip, high, 0, 16 + 2 * ROWS * 4);
      v128.store64_lane(strip, high, 1, 16 + 3 * ROWS * 4);
    }
    if (ROWS == 5) {
      const e = v128.load(source + r4);
      v128.store32_lane(strip, e, 0, 16);
      v128.store32_lane(strip, e, 1, 16 + ROWS * 4);
      v128.store32_lane(strip, e, 2, 16 + 2 * ROWS * 4);
      v128.store32_lane(strip, e, 3, 16 + 3 * ROWS * 4);
    }
  }
  packEdge(strip, source, row, step, ROWS, ROWS, k - whole);
}

function transposeB(strip: usize, source: usize, column: usize, step: usize, k: i32): void {
  const whole = step == 4 ? k & ~3 : 0;
  for (let p = 0; p < whole; p += 4, strip += 4 * COLUMNS * 4, source += 16)
    for (let w = 0; w < COLUMNS; w += 4) transpose4(strip + (<usize>w << 2), COLUMNS * 4, source + <usize>w * column, column);
  packEdge(strip, source, column, step, COLUMNS, COLUMNS, k - whole);
}

/** One by one: `present` of `width` rows (or columns) exist, the others are zero. */
function packEdge(strip: usize, source: usize, across: usize, step: usize, present: i32, width: i32, k: i32): void {
  for (let p = 0; p < k; p++, strip += width * 4, source += step)
    for (let w = 0; w < width; w++) store<f32>(strip + (<usize>w << 2), w < present ? load<f32>(source + <usize>w * across) : 0);
}
