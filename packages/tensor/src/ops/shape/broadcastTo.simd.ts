// The numbers of x again and again, in the layouts of ops/elementwise/binary.simd.ts; from and to are elements of the output.

/** out[i] = x[i % length] */
export function broadcastToRows(out: usize, x: usize, length: i32, from: i32, to: i32): void {
  while (from < to) {
    const column = from % length;
    const count = min(length - column, to - from);
    memory.copy(out + (<usize>from << 2), x + (<usize>column << 2), <usize>count << 2);
    from += count;
  }
}

/** out[i] = x[i / length % period] */
export function broadcastToRuns(out: usize, x: usize, length: i32, period: i32, from: i32, to: i32): void {
  while (from < to) {
    const run = from / length;
    const stop = min((run + 1) * length, to);
    const value = load<f32>(x + (<usize>(run % period) << 2));
    const four = f32x4.splat(value);
    let o = out + (<usize>from << 2);
    for (const end = out + (<usize>stop << 2) - 16; o <= end; o += 16) v128.store(o, four);
    for (const end = out + (<usize>stop << 2); o < end; o += 4) store<f32>(o, value);
    from = stop;
  }
}
