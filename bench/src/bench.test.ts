// That the benchmarks measure what they say; nothing is timed here.
import { describe, expect, it } from "vitest";
import { scope } from "@llr/tensor";
import { readArguments } from "./arguments.ts";
import { bareStep } from "./bare/bareStep.ts";
import { memory } from "./memory.ts";
import { SUITES, type SuiteName } from "./suites.ts";
import { type PlainModelName, TASKS } from "./tasks.ts";
import { makeModel, randomBatch, stepOf } from "./training.ts";

describe("every item does its work", () => {
  it.each(Object.keys(SUITES) as SuiteName[])("%s", (name) => {
    const { items, races } = SUITES[name]();
    const all = [...items, ...races.flatMap((r) => r.items)];
    expect(all.length > 3 || name === "memory").toBe(true);
    expect(new Set(items.map((i) => i.name)).size).toBe(items.length);
    // 1e7 numbers go the way of 1e6, and take ten times as long.
    for (const item of all.filter((i) => !i.name.endsWith(" 1e7"))) expect(Number.isFinite(item.make()()), item.name).toBe(true);
  });
});

describe("the bare kernels compute what the training step computes, to the last bit", () => {
  it.each<[PlainModelName, number]>([["mlp", 128], ["leNet5", 3], ["caffeLeNet", 3]])("%s", (name, batch) => {
    const data = randomBatch(name, batch);
    const model = makeModel(name);
    const step = stepOf(model, data);
    const bare = bareStep(name, makeModel(name), data);
    for (let i = 0; i < 3; i++) expect(bare.step()).toBe(scope(step));
    expect(bare.parameters.map(({ value }) => value.data)).toEqual(model.parameters().map((p) => p.data));
  });
});

it("what is counted of memory stays within its limits over a few steps", () => {
  const figures = memory({ inside: 5, outside: 5 });
  expect(figures.map((f) => f.name)).toContain("5 LeNet-5 steps in scopes: live tensors");
  // The process's own size is the test runner's, too.
  for (const { name, value, limit } of figures) if (limit !== undefined && !name.includes("rss")) expect(value, name).toBeLessThanOrEqual(limit);
});

it("a task says all in a line of JSON, and its name is its own", () => {
  const tasks = Object.values(TASKS).flat();
  for (const { task } of tasks) expect(JSON.parse(JSON.stringify(task))).toEqual(task);
  expect(new Set(tasks.map((t) => t.name)).size).toBe(tasks.length);
});

it("the work of a convolution counts the positions that the padding adds", () => {
  const amount = (name: string): number | undefined => TASKS.conv.find((t) => t.name === name)?.work?.amount;
  expect(amount("conv2d 64x1x28x28 to 20, 5x5 forward")).toBe(2 * 64 * 24 * 24 * 20 * 25);
  expect(amount("conv2d 32x16x32x32 to 16, 3x3 weight gradient")).toBe(2 * 32 * 32 * 32 * 16 * 16 * 9);
});

describe("arguments", () => {
  const usage = "usage: npm run bench -- [gemm|conv|elementwise|steps|optimizers|dispatch|memory ...] [--quick] [--json FILE] [--threads N] [--turbo] [--peers [--against plain,torch,tfjs-wasm,tfjs-cpu,jax]] | --gpu [PART ...]";

  it.each([
    [["kernel"], `unknown suite kernel. ${usage}`],
    [["--fast"], "--fast"],
    [["--threads", "0"], `--threads 0 is no whole number from 1 to 64. ${usage}`],
    [["--threads", "two"], "--threads two is no whole number from 1 to 64."],
    [["--against", "torch"], "--against chooses among peers and needs --peers."],
    [["--peers", "--against", "torch,numpy"], "unknown peer numpy."],
  ])("%s is refused", (args, message) => expect(() => readArguments(args)).toThrow(message));

  it("the default is all suites, one thread, nobody to compare with", () => {
    expect(readArguments([])).toEqual({ suites: Object.keys(SUITES), quick: false, json: undefined, threads: 1, turbo: false, peers: [] });
  });

  it("--peers means all of them unless --against chooses", () => {
    expect(readArguments(["--peers"]).peers).toEqual(["torch", "tfjs-wasm", "tfjs-cpu", "jax"]);
    expect(readArguments(["--peers", "--turbo"]).peers).toEqual(["plain", "torch", "tfjs-wasm", "tfjs-cpu", "jax"]); // and ourselves without
    expect(readArguments(["steps", "--peers", "--against", "jax,torch", "--threads", "2"])).toMatchObject({ suites: ["steps"], threads: 2, peers: ["jax", "torch"] });
  });
});
