import { expOf, logOf, sigmoidOf, tanhOf } from "../../simd/exponential.simd";
import { mapVectors, mapVectorsFast } from "../../simd/loops.simd";

class Neg { @inline at(x: v128): v128 { return f32x4.neg(x); } }
class Sqrt { @inline at(x: v128): v128 { return f32x4.sqrt(x); } }
// pmax(x, 0) is x < 0 ? 0 : x, in one instruction: NaN stays NaN.
class Relu { @inline at(x: v128): v128 { return f32x4.pmax(x, f32x4.splat(0)); } }
class Exp { @inline at(x: v128): v128 { return expOf(x); } }
class Log { @inline at(x: v128): v128 { return logOf(x); } }
class Tanh { @inline at(x: v128): v128 { return tanhOf(x); } }
class Sigmoid { @inline at(x: v128): v128 { return sigmoidOf(x); } }

// out[i] = f(x[i]) for from <= i < to.

export function negMap(out: usize, x: usize, from: i32, to: i32): void { mapVectorsFast<Neg>(out + (<usize>from << 2), x + (<usize>from << 2), to - from); }
export function sqrtMap(out: usize, x: usize, from: i32, to: i32): void { mapVectors<Sqrt>(out + (<usize>from << 2), x + (<usize>from << 2), to - from); }
export function reluMap(out: usize, x: usize, from: i32, to: i32): void { mapVectorsFast<Relu>(out + (<usize>from << 2), x + (<usize>from << 2), to - from); }
export function expMap(out: usize, x: usize, from: i32, to: i32): void { mapVectors<Exp>(out + (<usize>from << 2), x + (<usize>from << 2), to - from); }
export function logMap(out: usize, x: usize, from: i32, to: i32): void { mapVectors<Log>(out + (<usize>from << 2), x + (<usize>from << 2), to - from); }
export function tanhMap(out: usize, x: usize, from: i32, to: i32): void { mapVectors<Tanh>(out + (<usize>from << 2), x + (<usize>from << 2), to - from); }
export function sigmoidMap(out: usize, x: usize, from: i32, to: i32): void { mapVectors<Sigmoid>(out + (<usize>from << 2), x + (<usize>from << 2), to - from); }
