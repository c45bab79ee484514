import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import type { Backend } from "@llr/tensor";
import { describeBackend } from "@llr/tensor";

export const LAB_VERSION: string = (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;

/** What a result depends on besides its configuration. */
export interface Machine {
  readonly versions: { readonly llr: string; readonly node: string; readonly v8: string };
  readonly arithmetic: Backend;
  readonly machine: { readonly platform: string; readonly arch: string; readonly cpu: string; readonly cores: number; readonly memoryGiB: number };
}

export function describeMachine(): Machine {
  return {
    versions: { llr: LAB_VERSION, node: process.versions.node, v8: process.versions.v8 },
    arithmetic: describeBackend(),
    machine: { platform: platform(), arch: arch(), cpu: cpus()[0]?.model.trim() ?? "unknown", cores: availableParallelism(), memoryGiB: Math.round(totalmem() / 2 ** 30) },
  };
}
