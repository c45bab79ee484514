// Along the last axis; from and to are rows of `columns` numbers.
import { logWide } from "../../simd/exponential.simd";
import { zipWithOne } from "../../simd/loops.simd";
import { powerSum, rowMaximum, writePowers } from "../../simd/powers.simd";

class Times { @inline at(x: v128, y: v128): v128 { return f32x4.mul(x, y); } }

/** out = e^(x - max) / sum */
export function softmaxRows(out: usize, x: usize, columns: i32, from: i32, to: i32): void {
  const bytes = <usize>columns << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const o = out + row * bytes;
    const p = x + row * bytes;
    const total = writePowers(o, p, columns, rowMaximum(p, columns));
    zipWithOne<Times>(o, o, f32x4.splat(<f32>(1 / total)), columns);
  }
}

// Two subtractions: max and log(sum) added up first would lose digits of small results.
class LessTwo { @inline at(x: v128, y: v128): v128 { return f32x4.sub(x, y); } }

/** out = x - max - log(sum) */
export function logSoftmaxRows(out: usize, x: usize, columns: i32, from: i32, to: i32): void {
  const bytes = <usize>columns << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const o = out + row * bytes;
    const p = x + row * bytes;
    const largest = rowMaximum(p, columns);
    const logTotal = <f32>logWide(powerSum(p, columns, largest));
    zipWithOne<LessTwo>(o, p, f32x4.splat(largest), columns);
    zipWithOne<LessTwo>(o, o, f32x4.splat(logTotal), columns);
  }
}
