// That the figures of a device say what they are. Run on gpu.js' WebAssembly, whose times nobody wants.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Gpu, useGpu } from "@llr/tensor/gpu";
import { setThreads } from "@llr/tensor";
import { SIZES, sections } from "./deviceItems.ts";
import { readGpuArguments, SECTIONS } from "./gpuArguments.ts";
import { EXIT, fileName, measureAndSave } from "./gpuBench.ts";
import type { DeviceReport } from "./measureDevice.ts";
import { formatResult } from "./measureDevice.ts";
import { peakOf } from "./peaks.ts";
import { isFault } from "./semantics.ts";

const folder = mkdtempSync(join(tmpdir(), "llr-gpu-bench-"));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await setThreads(1);
});

describe("a run on a software adapter", () => {
  const lines: string[] = [];
  let report: DeviceReport & { device: { isSoftware: boolean; isHardware: boolean } };
  let gpu: Gpu;

  beforeAll(async () => {
    gpu = await useGpu({ engine: "webasm", software: true });
    const json = join(folder, "a.json");
    await measureAndSave(gpu, { ...readGpuArguments(["--gpu", "--software", "--quick", "--json", json]) }, (line) => lines.push(line));
    report = JSON.parse(readFileSync(json, "utf8")) as typeof report;
  }, 120_000);

  it("is called software in every line and every result, and in the name of its file", () => {
    const [, ...own] = lines.join("\n").trim().split("\n").filter((line) => !line.startsWith("warning:"));
    expect(own.length).toBeGreaterThan(10);
    for (const line of own) expect(line).toMatch(/^software {2}/);
    expect(own[0]).toContain("which is no GPU");
    for (const { on } of report.results) expect(on).toBe("software");
    expect(report.device).toMatchObject({ isSoftware: true, isHardware: false });
    expect(fileName(gpu.description)).toMatch(/^software-/);
  });

  it("measures every item, and what has no kernel yet is refused by name", () => {
    expect(new Set(report.results.map((r) => r.section))).toEqual(new Set(Object.keys(sections(SIZES.software))));
    for (const { name, timing, refused, failed } of report.results) {
      expect(failed, name).toBeUndefined();
      if (timing === undefined) expect(refused, name).toMatch(/has no kernel for/);
      else for (const x of [timing.first, timing.best, timing.median]) expect(x, name).toBeGreaterThan(0);
    }
  });

  it("trains on the device as in memory, where it can", () => {
    // Sums in other orders: the losses of three steps agree to a few roundings.
    for (const { name, lossDifference } of report.results) if (lossDifference !== undefined) expect(lossDifference, name).toBeLessThan(1e-4);
  });

  it("finds that the driver does what kernels rely on", () => {
    expect(report.semantics.length).toBeGreaterThan(5);
    expect(report.semantics.filter(isFault)).toEqual([]);
  });
});

describe("every item is its own", () => {
  it.each(["hardware", "software"] as const)("at the sizes for %s", (kind) => {
    const names = Object.values(sections(SIZES[kind])).flat().map((item) => item.name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("a peak", () => {
  it("is cores * 2 * clock of the very card, as a driver or a browser spells it", () => {
    expect(peakOf("NVIDIA H100 80GB HBM3")!.tflops).toBeCloseTo(66.9, 1);
    expect(peakOf("nvidia-h100-pcie")!.tflops).toBeCloseTo(51.2, 1);
    expect(peakOf("NVIDIA A100-SXM4-40GB")!.tflops).toBeCloseTo(19.5, 1);
    expect(peakOf("Tesla T4")!.tflops).toBeCloseTo(8.1, 1);
    expect(peakOf("NVIDIA GeForce RTX 4090")!.tflops).toBeCloseTo(82.6, 1);
  });

  it("is unknown for a relative of a card", () => {
    for (const name of ["NVIDIA GeForce RTX 4090 Laptop GPU", "NVIDIA H100 80GB HBM3 MIG 1g.10gb", "nvidia-l4x", "SwiftShader"]) expect(peakOf(name), name).toBeNull();
  });

  it("stands beside every rate, and is not guessed", () => {
    const result = { section: "matmul", name: "matmul 4", on: "gpu", timing: { first: 2, best: 1, median: 1, calls: 1, samples: 1 }, rate: 5, unit: "TFLOP/s" } as const;
    expect(formatResult({ ...result, shareOfPeak: 0.5 }, { tflops: 10, source: "" })).toContain("5.00 TFLOP/s; 50.0 % of 10.0");
    expect(formatResult(result, null)).toContain("5.00 TFLOP/s; peak unknown");
  });
});

describe("arguments", () => {
  it("default to every part on hardware", () => {
    expect(readGpuArguments(["--gpu"])).toEqual({ sections: SECTIONS, software: false, quick: false, peak: undefined, json: undefined });
  });

  it.each([[["--gpu", "gemm"], /^unknown part gemm\. usage: /], [["--gpu", "--peak", "many"], /^--peak many is no number of TFLOP\/s above 0\. usage: /], [["--gpu", "--threads", "2"], /--threads/]])("%s is refused", (args, message) => {
    expect(() => readGpuArguments(args)).toThrow(message);
  });

  it("the exit codes tell a missing GPU from a failure", () => {
    expect(new Set(Object.values(EXIT)).size).toBe(3);
  });
});
