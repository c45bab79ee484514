import { logWide } from "../../simd/exponential.simd";
import { zipWithOne } from "../../simd/loops.simd";
import { powerSum, rowMaximum, writePowers } from "../../simd/powers.simd";

/** out[0] = the mean over rows of log(sum e^(x - max)) + max - x[label], in double precision up to its end. */
export function crossEntropyForward(out: usize, logits: usize, labels: usize, rows: i32, columns: i32): void {
  let total: f64 = 0;
  for (let row = 0; row < rows; row++) {
    const x = logits + (<usize>row * columns << 2);
    const largest = rowMaximum(x, columns);
    const label = load<u32>(labels + (<usize>row << 2));
    const chosen = label < <u32>columns ? <f64>load<f32>(x + (<usize>label << 2)) : NaN; // as the reference, which reads undefined
    total += logWide(powerSum(x, columns, largest)) + (<f64>largest - chosen);
  }
  store<f32>(out, <f32>(total / <f64>rows));
}

class Times { @inline at(x: v128, y: v128): v128 { return f32x4.mul(x, y); } }

/** dLogits = (softmax - one-hot of the label) * dOut[0] / batch, for rows from <= row < to. */
export function crossEntropyBackward(dLogits: usize, dOut: usize, logits: usize, labels: usize, batch: i32, columns: i32, from: i32, to: i32): void {
  const scale = <f64>load<f32>(dOut) / <f64>batch;
  const bytes = <usize>columns << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const d = dLogits + row * bytes;
    const x = logits + row * bytes;
    const total = writePowers(d, x, columns, rowMaximum(x, columns));
    const factor = scale / total;
    const label = load<u32>(labels + (row << 2));
    const own = d + (<usize>label << 2);
    // p - 1 as minus the sum of the others: where p is nearly 1, the difference keeps its digits.
    const others = label < <u32>columns ? <f64>load<f32>(own) - total : 0;
    zipWithOne<Times>(d, d, f32x4.splat(<f32>factor), columns);
    if (label < <u32>columns) store<f32>(own, <f32>(others * factor));
  }
}
