// What schedules, layer scales and the plain loops compute, to the last bit, in sixteen digits: the same on every engine.
// tools/engines.mjs has it from several; the test beside this folder from the one that runs it.
import * as optim from "../index.ts";
import type { Optimizer, Param, Schedule } from "../index.ts";

/** What all engines gave when this was written: Node 22, 24 and 26 (V8), Bun (JavaScriptCore), Deno. */
export const ENGINE_BITS = "485026d8e67cef58";

const { adadelta, adam, adamW, clamp, cosine, cosineAnnealing, cyclic, discriminative, exponential, flatCosine, lamb, larc, lars, layerCycle, layerDecay, layerRamp, madLlr, nadam, oneCycle, oneCycleFastai, oneCycleOptax, phases, piecewise, polynomial, radam, spread, stepDecay, warmRestarts } = optim;

export function engineBits(): string {
  const digest = new Digest();
  const cycles = [
    oneCycle({ peak: 0.37, steps: 97 }), oneCycle({ peak: 0.37, steps: 97, phases: 3 }), oneCycleFastai({ peak: 1.3, steps: 89 }), oneCycleOptax({ peak: 0.7, steps: 91 }), cyclic({ base: 0.01, peak: 0.3, stepsUp: 13, mode: "expRange", gamma: 0.993 }),
  ];
  const schedules: readonly Schedule[] = [
    ...cycles.flatMap(({ lr, momentum }) => [lr, momentum]),
    cosine({ start: 0.3, steps: 101, exponent: 0.77 }), cosineAnnealing({ start: 0.1, end: 1e-4, steps: 37 }), warmRestarts({ start: 0.2, period: 7, periodFactor: 2 }), flatCosine({ start: 0.9, steps: 103 }), exponential({ start: 1e-7, end: 10, steps: 99 }),
    exponential({ start: 0.1, gamma: 0.97 }), polynomial({ start: 0.5, steps: 98, power: 0.9 }), stepDecay({ start: 0.3, steps: 11, gamma: 0.31 }), clamp(exponential({ start: 1, gamma: 0.83, steps: 3 }), { min: 0.01 }),
    piecewise([{ until: 33.3, start: 1e-3, end: 0.4, curve: "exponential" }, { until: 80, start: 0.4, curve: "cosine" }]), phases([{ steps: 50, lr: { start: 1, end: 0.1, curve: "polynomial", power: 2.3 } }]).lr,
  ];
  for (const schedule of schedules) for (let t = 0; t < 110; t++) digest.add(schedule(t));
  for (const scale of [spread(0.013, 1), discriminative(), layerDecay(0.77), layerRamp({ ratio: 3.7, steps: 50 }), layerCycle({ ratio: 2.9, steps: 60, cycles: 3 })])
    for (let index = 0; index < 7; index++) for (let t = 0; t < 70; t += 3) digest.add(scale({ name: "", index, count: 7 }, t));
  const makers = [(p: Param[]) => adam(p, { lr: 0.01, amsgrad: true }), (p: Param[]) => adamW(p), (p: Param[]) => nadam(p), (p: Param[]) => radam(p), (p: Param[]) => adadelta(p), (p: Param[]) => lamb(p), (p: Param[]) => lars(p, { lr: 0.1 }), (p: Param[]) => larc(p, { lr: 0.1 }), (p: Param[]) => madLlr(p, { lr: 0.1, warmup: 3 })];
  for (const make of makers as readonly unknown[] as readonly ((p: Param[]) => Optimizer)[]) {
    const params: Param[] = [{ name: "a", data: Float32Array.of(0.3, -1.7, 2.2, 1e-3), grad: null, shape: [2, 2] }, { name: "b", data: Float64Array.of(1 / 3, -2 / 7), grad: null, shape: [2, 1] }];
    const optimizer = make(params);
    for (let t = 0; t < 40; t++) {
      for (const [k, p] of params.entries()) p.grad = p.data.map((x, i) => 0.7 * x + ((t * 31 + i * 17 + k) % 13) / 13 - 0.5);
      for (const { rate, updateNorm, weightNorm } of optimizer.step()) for (const x of [rate, updateNorm, weightNorm]) digest.add(x);
    }
    for (const { data } of params) for (const x of data) digest.add(x);
  }
  return digest.digits();
}

/** FNV-1a of the bytes of numbers, in two halves of 32 digits. */
class Digest {
  private readonly view = new DataView(new ArrayBuffer(8));
  private low = 0x811c9dc5;
  private high = 0x01000193;

  add(x: number): void {
    this.view.setFloat64(0, x);
    for (let i = 0; i < 8; i++) {
      this.low = Math.imul(this.low ^ this.view.getUint8(i), 0x01000193);
      this.high = Math.imul(this.high ^ this.view.getUint8(7 - i), 0x01000193);
    }
  }

  digits(): string {
    return [this.high, this.low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }
}
