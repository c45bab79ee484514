// Tiles of C = A B in single precision, from packed operands (pack.simd.ts).
import { narrowTile } from "../../simd/narrowTile.simd";
import { COLUMNS, ROWS, WIDE_COLUMNS, WIDE_ROWS } from "../../simd/tile.simd";
import { wideTile } from "../../simd/wideTile.simd";

export function gemmRows(wide: i32): i32 {
  return wide ? WIDE_ROWS : ROWS;
}

export function gemmColumns(wide: i32): i32 {
  return wide ? WIDE_COLUMNS : COLUMNS;
}

/**
 * C [m, n], whose rows are `step` bytes apart, from packed A [m, k] and packed B [k, n]; unless `add` is 0 onto what C holds.
 * Index `from <= i < to` is a pair of a block of `block` rows and, running faster, a strip of columns.
 */
export function gemmTiles(c: usize, step: usize, a: usize, b: usize, m: i32, n: i32, k: i32, block: i32, add: i32, from: i32, to: i32): void {
  const strips = (n + COLUMNS - 1) / COLUMNS;
  for (let i = from; i < to; i++) {
    const first = (i / strips) * block;
    const end = min(m, first + block);
    const column = (i % strips) * COLUMNS;
    for (let row = first; row < end; row += ROWS)
      narrowTile(c + <usize>row * step + <usize>column * 4, step, a + <usize>row * k * 4, b + <usize>column * k * 4, k, min(ROWS, m - row), min(COLUMNS, n - column), add);
  }
}

/** The same with wide tiles, and the same bits. */
export function gemmWideTiles(c: usize, step: usize, a: usize, b: usize, m: i32, n: i32, k: i32, block: i32, add: i32, from: i32, to: i32): void {
  const strips = (n + WIDE_COLUMNS - 1) / WIDE_COLUMNS;
  for (let i = from; i < to; i++) {
    const first = (i / strips) * block;
    const end = min(m, first + block);
    const column = (i % strips) * WIDE_COLUMNS;
    for (let row = first; row < end; row += WIDE_ROWS)
      wideTile(c + <usize>row * step + <usize>column * 4, step, a + <usize>row * k * 4, b + <usize>column * k * 4, k, min(WIDE_ROWS, m - row), min(WIDE_COLUMNS, n - column), add);
  }
}
