import { describeBackend } from "@llr/tensor";
import { expect, it } from "vitest";
import { flops, traffic } from "./item.ts";
import type { Machine } from "./machine/machine.ts";
import { heading } from "./run.ts";
import { describeRate, formatFigure, formatResults } from "./print.ts";

const machine: Machine = { gflops: 58.7, fused: true, bandwidths: { "sum 1e6": 100 } };

it("a rate is shown beside its share of the limit", () => {
  const timing = { name: "", best: 1, median: 2, mean: 2, p99: 2, samples: 1 };
  expect(describeRate({ ...timing, work: flops(1e8), rate: 50 }, machine, 1)).toBe("50.0 GFLOP/s, 85 % of peak");
  expect(describeRate({ ...timing, work: traffic(1, "sum", 1e6), rate: 90 }, machine, 1)).toBe("90.0 GB/s, 90 % of sum 1e6");
  expect(describeRate(timing, machine, 1)).toBe("");
});

it("results are a table: the machine, the items, the races", () => {
  const results = {
    timings: [{ name: "gemm", best: 0.4, median: 0.5, mean: 0.6, p99: 0.9, samples: 9, work: flops(2.5e7), rate: 50 }],
    races: [{ name: "step", base: "bare", entries: [{ name: "bare", best: 8, median: 10, ratio: 1 }, { name: "in a scope", best: 8.2, median: 10.4, ratio: 1.04 }] }],
    figures: [],
    machine, threads: 1,
  };
  expect(formatResults(results).split("\n")).toEqual([
    "one core: peak 58.7 GFLOP/s (128-bit fused multiply-adds); GB/s: sum 1e6 100",
    "             best ms median ms   mean ms    p99 ms",
    "gemm           0.400     0.500     0.600     0.900  50.0 GFLOP/s, 85 % of peak",
    "",
    "step: in turn; ratios to bare: median of pairs, and of the best",
    "bare            8.00      10.0 ms  1.000x  1.000x",
    "in a scope      8.20      10.4 ms  1.040x  1.025x",
  ]);
});

it("a heading says where and how, and warns of a busy machine", () => {
  const run = { node: "26.10.0", v8: "14", flags: ["--expose-gc"], cpu: "AMD EPYC", cores: 2, platform: "linux", load: 0.5 };
  const backend = { home: "simd", arithmetic: "fused multiply-add", reason: "", turbo: true, threads: 2, threadsReason: "", gpu: describeBackend().gpu } as const;
  expect(heading("gemm", run, backend)).toBe("\ngemm: AMD EPYC, 2 cores, Node 26.10.0 --expose-gc; kernels: simd, fused multiply-add, turbo, 2 threads; load 0.50");
  expect(heading("comparison", { ...run, load: 1.5 })).toBe("\ncomparison: AMD EPYC, 2 cores, Node 26.10.0 --expose-gc; load 1.50\nwarning: the machine is busy; expect noise, and compare ratios only");
});

it("a figure is shown beside its limit", () => {
  expect(formatFigure({ name: "growth", value: 0.5, unit: "MiB", limit: 1 })).toBe("growth: 0.500 MiB, within 1");
  expect(formatFigure({ name: "live tensors", value: 3, unit: "blocks", limit: 0 })).toBe("live tensors: 3 blocks, OVER 0");
  expect(formatFigure({ name: "tensors", value: 12.345, unit: "MiB" })).toBe("tensors: 12.3 MiB");
});
