// Who computes: the best that is there, or what was asked for; and why.
import { describeBackend, setThreads } from "@llr/tensor";
import { type Gpu, useGpu } from "@llr/tensor/gpu";

export type EngineName = "webgpu" | "webgl2" | "cpu";

export interface Place {
  /** Null: in memory. */
  readonly gpu: Gpu | null;
  /** In words, for the page. */
  readonly name: string;
  readonly reason: string;
}

const LABELS = { webgpu: "WebGPU", webgl2: "WebGL 2", webasm: "WebAssembly" } as const;
const MOST_THREADS = 4;

/**
 * "auto" takes WebGPU, else WebGL 2, else this processor; a software adapter only where that is accepted, for its kernels are
 * slower than those in memory.
 *
 * @throws NoGpuError if what was asked for is not there
 */
export async function choosePlace(wanted: EngineName | "auto", software: boolean): Promise<Place> {
  if (wanted === "cpu") return processor("it was asked for");
  if (wanted !== "auto") {
    const gpu = await useGpu({ engine: wanted, software }).catch((error: unknown) => {
      throw new Error(`${LABELS[wanted]}: ${inWordsOfThePage(error)}`, { cause: error });
    });
    return onDevice(gpu, "it was asked for");
  }
  const refusals: string[] = [];
  for (const engine of ["webgpu", "webgl2"] as const) {
    try {
      const gpu = await useGpu({ engine, software });
      return onDevice(gpu, ["it is the best there is", ...refusals].join("; "));
    } catch (error) {
      refusals.push(`${LABELS[engine]}: ${inWordsOfThePage(error)}`);
    }
  }
  return processor(`no graphics card can be used. ${refusals.join(" ")}`);
}

/** The library's advice is for programs. */
const inWordsOfThePage = (error: unknown): string =>
  (error as Error).message.replace(/^useGpu: (webgl2 is)?/, (_, isNamed: string | undefined) => (isNamed === undefined ? "" : "the only adapter is")).replace(/[;.] to test with (this adapter|it), pass \{ software: true \}\./i, "; the box among the controls accepts it.");

function onDevice(gpu: Gpu, reason: string): Place {
  const { engine, adapter, isHardware } = gpu.description;
  return { gpu, name: `${adapter} through ${LABELS[engine]}${isHardware ? "" : ", computed on the CPU"}`, reason };
}

async function processor(reason: string): Promise<Place> {
  await setThreads(Math.max(1, Math.min(MOST_THREADS, navigator.hardwareConcurrency - 1)));
  const { home, arithmetic, threads } = describeBackend();
  return { gpu: null, name: `the processor: ${home === "simd" ? "SIMD kernels" : "plain kernels"}, ${arithmetic}, ${threads} ${threads === 1 ? "thread" : "threads"}`, reason };
}
