// Elementwise functions of two arrays, for the layouts in which one of them repeats. `full` has the shape of the output;
// from and to are elements of it. What broadcasts in other ways is left to the reference kernels.
import { zipVectors, zipWithOne } from "../../simd/loops.simd";

class Add { @inline at(a: v128, b: v128): v128 { return f32x4.add(a, b); } }
class Mul { @inline at(a: v128, b: v128): v128 { return f32x4.mul(a, b); } }
class Sub { @inline at(a: v128, b: v128): v128 { return f32x4.sub(a, b); } }
class SubFrom { @inline at(a: v128, b: v128): v128 { return f32x4.sub(b, a); } }
class Div { @inline at(a: v128, b: v128): v128 { return f32x4.div(a, b); } }
class DivInto { @inline at(a: v128, b: v128): v128 { return f32x4.div(b, a); } }

/** out[i] = f(full[i], row[i % length]): a row for every row, such as a bias; one shape is the case length = count. */
// @ts-ignore: decorator
@inline
function rows<F>(out: usize, full: usize, row: usize, length: i32, from: i32, to: i32): void {
  while (from < to) {
    const column = from % length;
    const count = min(length - column, to - from);
    const at = <usize>from << 2;
    zipVectors<F>(out + at, full + at, row + (<usize>column << 2), count);
    from += count;
  }
}

/** out[i] = f(full[i], scalars[i / length % period]): a number for every run of `length`, such as a channel's. */
// @ts-ignore: decorator
@inline
function runs<F>(out: usize, full: usize, scalars: usize, length: i32, period: i32, from: i32, to: i32): void {
  while (from < to) {
    const run = from / length;
    const count = min((run + 1) * length, to) - from;
    const at = <usize>from << 2;
    zipWithOne<F>(out + at, full + at, v128.load32_splat(scalars + (<usize>(run % period) << 2)), count);
    from += count;
  }
}

export function addRows(out: usize, full: usize, row: usize, length: i32, from: i32, to: i32): void { rows<Add>(out, full, row, length, from, to); }
export function addRuns(out: usize, full: usize, scalars: usize, length: i32, period: i32, from: i32, to: i32): void { runs<Add>(out, full, scalars, length, period, from, to); }
export function mulRows(out: usize, full: usize, row: usize, length: i32, from: i32, to: i32): void { rows<Mul>(out, full, row, length, from, to); }
export function mulRuns(out: usize, full: usize, scalars: usize, length: i32, period: i32, from: i32, to: i32): void { runs<Mul>(out, full, scalars, length, period, from, to); }
export function subRows(out: usize, full: usize, row: usize, length: i32, from: i32, to: i32): void { rows<Sub>(out, full, row, length, from, to); }
export function subRuns(out: usize, full: usize, scalars: usize, length: i32, period: i32, from: i32, to: i32): void { runs<Sub>(out, full, scalars, length, period, from, to); }
export function subFromRows(out: usize, full: usize, row: usize, length: i32, from: i32, to: i32): void { rows<SubFrom>(out, full, row, length, from, to); }
export function subFromRuns(out: usize, full: usize, scalars: usize, length: i32, period: i32, from: i32, to: i32): void { runs<SubFrom>(out, full, scalars, length, period, from, to); }
export function divRows(out: usize, full: usize, row: usize, length: i32, from: i32, to: i32): void { rows<Div>(out, full, row, length, from, to); }
export function divRuns(out: usize, full: usize, scalars: usize, length: i32, period: i32, from: i32, to: i32): void { runs<Div>(out, full, scalars, length, period, from, to); }
export function divIntoRows(out: usize, full: usize, row: usize, length: i32, from: i32, to: i32): void { rows<DivInto>(out, full, row, length, from, to); }
export function divIntoRuns(out: usize, full: usize, scalars: usize, length: i32, period: i32, from: i32, to: i32): void { runs<DivInto>(out, full, scalars, length, period, from, to); }
