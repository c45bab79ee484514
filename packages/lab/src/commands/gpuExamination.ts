// llr doctor --gpu: is there a device, what is it really, and do its kernels compute what those in memory compute?
import { createRequire } from "node:module";
import { matmul, relu, Rng, scope, type Tensor, tensor } from "@llr/tensor";
import type { Gpu, GpuOptions } from "@llr/tensor/gpu";

/** Returns what it found; throws what is wrong, and that there is no GPU. */
export async function examineGpu(): Promise<string> {
  // Loads gpu.js and webgpu, which not everybody has installed: a MissingPeerError says how to.
  const { useGpu } = await import("@llr/tensor/gpu");
  const options = whereWebGpuIs();
  try {
    return await examine(await useGpu(options));
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    if (code === "LLR_MISSING_PEER") throw new Error(`${message} (in the repository of @llr: npm run gpu-setup)`, { cause: error });
    if (code !== "LLR_NO_GPU") throw error;
    const software = await useGpu({ ...options, software: true }).catch(() => null);
    if (software === null) throw error;
    throw new Error(`no GPU. There is a software adapter, for tests: ${await examine(software)}`, { cause: error });
  }
}

/** `LLR_WEBGPU` names the folder of the npm package webgpu, where it cannot be imported by its name. */
function whereWebGpuIs(): GpuOptions {
  const folder = process.env["LLR_WEBGPU"];
  if (folder === undefined) return {};
  try {
    return { webgpu: createRequire(import.meta.url)(folder) as NonNullable<GpuOptions["webgpu"]> };
  } catch (cause) {
    throw new Error(`LLR_WEBGPU is ${folder}, which cannot be loaded: ${(cause as Error).message.split("\n")[0]}. It needs the folder of the npm package webgpu.`, { cause });
  }
}

async function examine(gpu: Gpu): Promise<string> {
  try {
    const { adapter, driver, engine, largestBuffer, isHardware } = gpu.description;
    const what = `${adapter}${isHardware ? "" : " (computes on the CPU)"}, driver: ${driver || "unknown"}, by ${engine}, arrays up to ${(largestBuffer / 2 ** 20).toFixed(0)} MiB`;
    return `${what}; ${await crossCheck(gpu)}`;
  } finally {
    gpu.destroy();
  }
}

/** @returns in words how far kernels agree with those in memory. @throws Error naming the kernel that does not */
export async function crossCheck(gpu: Gpu): Promise<string> {
  const error = await compareProducts(gpu);
  await checkNaN(gpu);
  await checkDivision(gpu);
  return `matmul agrees with memory to ${error.toExponential(1)}, relu keeps NaN, floors of quotients are exact`;
}

/** @returns the largest error, relative to the largest entry */
async function compareProducts(gpu: Gpu): Promise<number> {
  const rng = new Rng(1);
  const random = (rows: number, columns: number): Tensor => tensor(Float32Array.from({ length: rows * columns }, () => rng.normal()), [rows, columns]);
  const [a, b] = [random(65, 300), random(300, 33)]; // no workgroup divides them
  const right = matmul(a, b).toArray();
  const found = await scope(() => matmul(gpu.upload(a), b)).read();
  const scale = Math.max(...Array.from(right, Math.abs));
  const error = Math.max(...Array.from(right, (x, i) => Math.abs(x - found[i]))) / scale;
  // Rounding errors of single-precision sums of 300 terms.
  if (!(error <= 4e-6)) throw new Error(`matmul on ${gpu.description.adapter} differs from memory by ${error.toExponential(1)} of the largest entry. Its driver is wrong; please report it.`);
  return error;
}

/** A relu that turns NaN into 0 hides that a run has diverged. */
async function checkNaN(gpu: Gpu): Promise<void> {
  const found = Array.from(await scope(() => relu(gpu.upload(tensor([NaN, -1, 2])))).read());
  if (!Object.is(found[0], NaN) || found[1] !== 0 || found[2] !== 2) throw new Error(`relu of NaN, -1, 2 on ${gpu.description.adapter} is ${found.join(", ")}. Its driver is wrong; please report it.`);
}

/** Kernels find rows by floor((i + 0.5) / n), which a driver that divides inexactly must not spoil. */
async function checkDivision(gpu: Gpu): Promise<void> {
  const n = 2 ** 20;
  const numbers = gpu.upload(tensor(Float32Array.from({ length: n }, (_, i) => i)));
  for (const divisor of [3, 7, 9, 49, 784, 1000]) {
    const source = `function (v) { return Math.floor((v[this.thread.x] + 0.5) / ${divisor}); }`;
    const found = await scope(() => gpu.run({ name: "floor", inputs: [[n]], output: [n], source }, [numbers], [n])).read();
    const wrong = found.findIndex((x, i) => x !== Math.floor(i / divisor));
    if (wrong !== -1) throw new Error(`floor(${wrong} / ${divisor}) on ${gpu.description.adapter} is ${found[wrong]}. Its driver divides too inexactly; please report it.`);
  }
}
