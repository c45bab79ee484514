// The tiles of C that the matrix product's inner loop computes in registers.
//
// Engines have 15 vector registers left for a loop. 6 x 8 sums fill twelve, two vectors of B and one number of A the rest.
// One more value in flight (a product that is not fused with its addition; steps of the sum unrolled) and sums spill to
// memory at half the speed: hence one row less without fused multiply-add. The wide tile is for registers of 256 bits.

// @ts-ignore: decorator
@inline
export const ROWS: i32 = FUSED ? 6 : 5;
// @ts-ignore: decorator
@inline
export const COLUMNS: i32 = 8;
// @ts-ignore: decorator
@inline
export const WIDE_ROWS: i32 = 4;
// @ts-ignore: decorator
@inline
export const WIDE_COLUMNS: i32 = 16;
