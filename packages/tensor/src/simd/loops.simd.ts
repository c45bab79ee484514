// Loops over arrays of any length and alignment. A function is passed as a class whose method `at` is inlined.

// Numbers that do not fill a vector are moved lane by lane: nothing beside an array is read or written.

/** The first `count` < 4 numbers at `p`; the other lanes are those of `rest`. */
// @ts-ignore: decorator
@inline
export function loadPart(p: usize, count: usize, rest: v128): v128 {
  if (count > 0) rest = v128.load_lane<f32>(p, rest, 0);
  if (count > 1) rest = v128.load_lane<f32>(p, rest, 1, 4);
  if (count > 2) rest = v128.load_lane<f32>(p, rest, 2, 8);
  return rest;
}

// @ts-ignore: decorator
@inline
export function storePart(p: usize, x: v128, count: usize): void {
  if (count > 0) v128.store_lane<f32>(p, x, 0);
  if (count > 1) v128.store_lane<f32>(p, x, 1, 4);
  if (count > 2) v128.store_lane<f32>(p, x, 2, 8);
}

/** out[i] = f(x[i]) for `count` numbers: functions that cost more than their memory traffic. */
// @ts-ignore: decorator
@inline
export function mapVectors<F>(out: usize, x: usize, count: usize): void {
  const f = changetype<F>(0);
  for (let end = x + ((count & ~3) << 2); x < end; x += 16, out += 16) v128.store(out, f.at(v128.load(x)));
  const left = count & 3;
  if (left > 0) storePart(out, f.at(loadPart(x, left, f32x4.splat(0))), left);
}

/** The same for cheap functions: four vectors a turn, or the loop itself would be most of the work. */
// @ts-ignore: decorator
@inline
export function mapVectorsFast<F>(out: usize, x: usize, count: usize): void {
  const f = changetype<F>(0);
  for (let end = x + ((count & ~15) << 2); x < end; x += 64, out += 64) {
    v128.store(out, f.at(v128.load(x)));
    v128.store(out, f.at(v128.load(x, 16)), 16);
    v128.store(out, f.at(v128.load(x, 32)), 32);
    v128.store(out, f.at(v128.load(x, 48)), 48);
  }
  mapVectors<F>(out, x, count & 15);
}

/** out[i] = f(x[i], y[i]). */
// @ts-ignore: decorator
@inline
export function zipVectors<F>(out: usize, x: usize, y: usize, count: usize): void {
  const f = changetype<F>(0);
  for (let end = x + ((count & ~15) << 2); x < end; x += 64, y += 64, out += 64) {
    v128.store(out, f.at(v128.load(x), v128.load(y)));
    v128.store(out, f.at(v128.load(x, 16), v128.load(y, 16)), 16);
    v128.store(out, f.at(v128.load(x, 32), v128.load(y, 32)), 32);
    v128.store(out, f.at(v128.load(x, 48), v128.load(y, 48)), 48);
  }
  for (let end = x + ((count & 12) << 2); x < end; x += 16, y += 16, out += 16) v128.store(out, f.at(v128.load(x), v128.load(y)));
  const left = count & 3;
  const none = f32x4.splat(0);
  if (left > 0) storePart(out, f.at(loadPart(x, left, none), loadPart(y, left, none)), left);
}

/** out[i] = f(x[i], y) with the same y in all lanes. */
// @ts-ignore: decorator
@inline
export function zipWithOne<F>(out: usize, x: usize, y: v128, count: usize): void {
  const f = changetype<F>(0);
  for (let end = x + ((count & ~15) << 2); x < end; x += 64, out += 64) {
    v128.store(out, f.at(v128.load(x), y));
    v128.store(out, f.at(v128.load(x, 16), y), 16);
    v128.store(out, f.at(v128.load(x, 32), y), 32);
    v128.store(out, f.at(v128.load(x, 48), y), 48);
  }
  for (let end = x + ((count & 12) << 2); x < end; x += 16, out += 16) v128.store(out, f.at(v128.load(x), y));
  const left = count & 3;
  if (left > 0) storePart(out, f.at(loadPart(x, left, f32x4.splat(0)), y), left);
}
