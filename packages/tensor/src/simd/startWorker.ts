// Where workers come from: node:worker_threads (Node, Deno, Bun) or the web's Worker.
import type { WorkerTask } from "./worker.ts";
import { workerMain } from "./worker.ts";

interface NodeWorker {
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "online" | "exit", listener: () => void): void;
  ref(): void;
  unref(): void;
}
interface NodeThreads {
  readonly Worker: new (program: string, options: object) => NodeWorker;
}
interface WebWorker {
  addEventListener(event: "error", listener: (event: { message: string }) => void): void;
  postMessage(message: unknown): void;
}
/** Declared by hand: this package compiles without the types of Node and of the DOM. */
interface Surroundings {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly Worker?: new (url: string, options: object) => WebWorker;
  readonly Blob?: new (parts: string[], options: object) => object;
  readonly URL: { createObjectURL(blob: object): string; revokeObjectURL(url: string): void };
  readonly crossOriginIsolated?: boolean;
}
const here = globalThis as unknown as Surroundings;

const nodeThreads = (): NodeThreads | undefined => here.process?.getBuiltinModule?.("node:worker_threads") as NodeThreads | undefined;

/** Why no worker can be started here; null if one can. */
export function workersRefused(): string | null {
  if (nodeThreads() !== undefined) return null;
  if (here.Worker === undefined || here.Blob === undefined) return "there are neither node:worker_threads nor Worker here";
  return here.crossOriginIsolated === false ? "the page is not cross-origin isolated, so memory cannot be shared with a worker (it needs the headers COOP: same-origin and COEP: require-corp)" : null;
}

/** Starts a worker that does not keep the process alive once `release` is called. */
export function startWorker(task: WorkerTask, onError: (message: string) => void): { release(): void } {
  const program = `(${workerMain.toString()})`;
  const threads = nodeThreads();
  if (threads !== undefined) {
    // execArgv: preloads and loaders of the main thread are none of the worker's business.
    const worker = new threads.Worker(`${program}(require("node:worker_threads").workerData)`, { eval: true, workerData: task, execArgv: [], name: `llr-kernels-${task.index}` });
    worker.on("error", ({ message }) => onError(message));
    return { release: () => worker.unref() };
  }
  const url = here.URL.createObjectURL(new here.Blob!([`self.onmessage = ({ data }) => { ${program}(data); self.close(); };`], { type: "text/javascript" }));
  const worker = new here.Worker!(url, { type: "module", name: `llr-kernels-${task.index}` });
  worker.addEventListener("error", ({ message }) => onError(message));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- only windows have origins
  worker.postMessage(task);
  return { release: () => here.URL.revokeObjectURL(url) };
}
