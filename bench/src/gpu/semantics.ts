// What a driver makes of NaN, quotients and tiny numbers, where the standard leaves it a choice: kernels are written so that
// it does not matter, and this is where one sees what they are written around.
import { relu, scope, tensor } from "@llr/tensor";
import type { Gpu } from "@llr/tensor/gpu";

export interface Finding {
  readonly name: string;
  readonly found: string;
  /** What memory computes. */
  readonly inMemory: string;
  /** Kernels rely on it: a difference is a fault. */
  readonly reliedOn: boolean;
}

/** One expression in v, in gpu.js' language, over some numbers. */
interface Probe {
  readonly name: string;
  readonly expression: string;
  readonly inputs: readonly number[];
  readonly right: (v: number) => number;
  readonly reliedOn?: true;
}

const PROBES: readonly Probe[] = [
  { name: "v * 0.5 + Math.abs(v) * 0.5 of NaN, -1, 2", expression: "v * 0.5 + Math.abs(v) * 0.5", inputs: [NaN, -1, 2], right: (v) => v * 0.5 + Math.abs(v) * 0.5, reliedOn: true },
  { name: "Math.max(v, 0) of NaN", expression: "Math.max(v, 0)", inputs: [NaN], right: (v) => Math.max(v, 0) },
  { name: "v !== v of NaN", expression: "(v !== v ? 1 : 0)", inputs: [NaN], right: (v) => (Number.isNaN(v) ? 1 : 0) },
  { name: "v > 0 of NaN", expression: "(v > 0 ? 1 : 0)", inputs: [NaN], right: (v) => (v > 0 ? 1 : 0) },
  { name: "exp of NaN, -100, 89", expression: "Math.exp(v)", inputs: [NaN, -100, 89], right: (v) => Math.fround(Math.exp(v)) },
  { name: "log of -1, 0", expression: "Math.log(v)", inputs: [-1, 0], right: Math.log },
  { name: "sqrt of -1", expression: "Math.sqrt(v)", inputs: [-1], right: Math.sqrt },
  { name: "tanh of 50, 100", expression: "Math.tanh(v)", inputs: [50, 100], right: Math.tanh },
  { name: "v / 2 of the smallest normal number", expression: "v / 2", inputs: [2 ** -126], right: (v) => v / 2 },
];

const DIVISORS = [3, 5, 7, 9, 11, 49, 784, 1000];

/** @param n floors are compared for 0 to n - 1 */
export async function driverSemantics(gpu: Gpu, n: number): Promise<Finding[]> {
  const evaluate = (expression: string, inputs: Float32Array): Promise<Float32Array> => {
    const source = `function (a) { const v = a[this.thread.x]; return ${expression}; }`;
    return scope(() => gpu.run({ name: "probe", inputs: [[inputs.length]], output: [inputs.length], source }, [gpu.upload(tensor(inputs))], [inputs.length])).read() as Promise<Float32Array>;
  };
  const words = (numbers: Iterable<number>): string => Array.from(numbers, (x) => String(Number(x.toPrecision(5)))).join(", ");
  const findings: Finding[] = [];
  const reluOfNaN = await scope(() => relu(gpu.upload(tensor([NaN, -1, 2])))).read();
  findings.push({ name: "relu of NaN, -1, 2", found: words(reluOfNaN), inMemory: "NaN, 0, 2", reliedOn: true });
  for (const { name, expression, inputs, right, reliedOn = false } of PROBES)
    findings.push({ name, found: words(await evaluate(expression, Float32Array.from(inputs))), inMemory: words(inputs.map(right)), reliedOn });
  const numbers = Float32Array.from({ length: n }, (_, i) => i);
  for (const [form, reliedOn] of [["v / ", false], ["(v + 0.5) / ", true]] as const) {
    const wrong: string[] = [];
    for (const divisor of DIVISORS) {
      const count = (await evaluate(`Math.floor(${form}${divisor})`, numbers)).reduce((sum, x, i) => sum + (x === Math.floor(i / divisor) ? 0 : 1), 0);
      if (count > 0) wrong.push(`${count} by ${divisor}`);
    }
    findings.push({ name: `floor(${form}d) wrong, v < ${n}, d in ${DIVISORS.join(", ")}`, found: wrong.join(", ") || "none", inMemory: "none", reliedOn });
  }
  return findings;
}

/** Whether kernels would go wrong. */
export const isFault = ({ found, inMemory, reliedOn }: Finding): boolean => reliedOn && found !== inMemory;
