// npm run bench -- --gpu: see README.md.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { type Gpu, type GpuDescription, type GpuOptions, useGpu } from "@llr/tensor/gpu";
import { applySettings } from "../engine.ts";
import { describeRun, heading } from "../run.ts";
import { SIZES } from "./deviceItems.ts";
import type { GpuArguments } from "./gpuArguments.ts";
import { labelOf, measureDevice } from "./measureDevice.ts";
import { type Peak, peakOf, slug } from "./peaks.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..", "..");

/** 0: measured; 1: something failed, or the driver computes what kernels cannot live with; 3: there is no GPU. */
export const EXIT = { measured: 0, failed: 1, noGpu: 3 } as const;

export async function benchGpu(args: GpuArguments, print: (line: string) => void = console.log): Promise<number> {
  const webgpu = process.env["LLR_WEBGPU"];
  let gpu: Gpu;
  try {
    gpu = await useGpu({ software: args.software, ...(webgpu !== undefined && { webgpu: createRequire(import.meta.url)(webgpu) as NonNullable<GpuOptions["webgpu"]> }) });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code !== "LLR_NO_GPU" && code !== "LLR_MISSING_PEER") throw error;
    print(`bench: nothing was measured, for there is no GPU here. ${message}${code === "LLR_MISSING_PEER" ? " (in this repository: npm run gpu-setup)" : " --software measures a software adapter, at small sizes and under that name."}`);
    return EXIT.noGpu;
  }
  try {
    return await measureAndSave(gpu, args, print);
  } finally {
    gpu.destroy();
  }
}

export async function measureAndSave(gpu: Gpu, args: GpuArguments, print: (line: string) => void): Promise<number> {
  const { description } = gpu;
  const threads = Math.min(2, availableParallelism()); // of the steps in memory that those on the device are compared with
  await applySettings({ threads, turbo: false });
  const run = describeRun();
  const peak: Peak | null = args.peak === undefined ? peakOf(description.adapter) : { tflops: args.peak, source: "--peak" };
  print(heading("gpu", run));
  print(`${labelOf(description)}  ${introduction(description, peak)}`);
  const { results, semantics, hasFault } = await measureDevice(gpu, args.software ? SIZES.software : SIZES.hardware, args, peak, print);
  const file = args.json ?? join(REPOSITORY, "bench", "results", fileName(description));
  mkdirSync(dirname(file), { recursive: true });
  const record = { date: new Date().toISOString(), device: { ...description, isSoftware: !description.isHardware }, peak, versions: versions(), machine: run, quick: args.quick, memory: gpu.memory(), semantics, results };
  writeFileSync(file, `${JSON.stringify(record, null, 1)}\n`);
  print(`${labelOf(description)}  written to ${file}`);
  return hasFault ? EXIT.failed : EXIT.measured;
}

export const fileName = ({ adapter, isHardware }: GpuDescription): string => `${isHardware ? "" : "software-"}${slug(adapter)}.json`;

function introduction({ adapter, driver, engine, isHardware, largestBuffer }: GpuDescription, peak: Peak | null): string {
  const what = isHardware ? adapter : `${adapter}, which is no GPU: it computes on the CPU, and these figures say nothing about any`;
  const top = !isHardware ? "" : peak === null ? "; peak unknown (--peak TFLOPS)" : `; FP32 peak ${peak.tflops.toFixed(1)} TFLOP/s (${peak.source})`;
  return `${what}; driver: ${driver || "unknown"}; by ${engine}; arrays up to ${(largestBuffer / 2 ** 20).toFixed(0)} MiB${top}`;
}

function versions(): object {
  const versionIn = (folder: string): string | null => {
    try {
      return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
    } catch {
      return null; // a browser's own WebGPU, or a package that lies elsewhere
    }
  };
  const tensorFolder = join(REPOSITORY, "packages", "tensor");
  return { llr: versionIn(tensorFolder), node: process.versions.node, gpuJs: versionIn(join(tensorFolder, "node_modules", "gpu.js")), webgpu: versionIn(process.env["LLR_WEBGPU"] ?? "") };
}
