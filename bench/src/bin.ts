// npm run bench: see README.md.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { describeBackend } from "@llr/tensor";
import { compareWithPeers } from "../peers/comparison.ts";
import { type Arguments, readArguments, USAGE } from "./arguments.ts";
import { applySettings } from "./engine.ts";
import { GPU_USAGE, readGpuArguments } from "./gpu/gpuArguments.ts";
import { benchGpu } from "./gpu/gpuBench.ts";
import { better, measureMachine } from "./machine/machine.ts";
import { race, time, type Timing } from "./measure.ts";
import { formatResults, type Results } from "./print.ts";
import { describeRun, heading } from "./run.ts";
import { SUITES, type SuiteName } from "./suites.ts";

async function runSuite(name: SuiteName, { quick, threads }: Arguments): Promise<Results> {
  const { items, races, count } = SUITES[name]();
  const works = items.map((item) => item.work);
  const before = measureMachine(works);
  const timings: Timing[] = [];
  for (const item of items) timings.push(await time(item, { ms: quick ? 50 : 1000 }));
  const raced = races.map((r) => race(r, { rounds: quick ? 10 : 101 }));
  return { timings, races: raced, figures: count?.(quick) ?? [], machine: better(before, measureMachine(works)), threads };
}

/** Each suite in a process of its own: arrays of one must not slow the loops of another. */
function runEach(suites: readonly SuiteName[], args: readonly string[]): number {
  const options = args.filter((arg) => !Object.hasOwn(SUITES, arg));
  for (const suite of suites) {
    const { status } = spawnSync(process.execPath, [...process.execArgv, process.argv[1], suite, ...options], { stdio: "inherit" });
    if (status !== 0) return status ?? 1;
  }
  return 0;
}

async function main(args: readonly string[]): Promise<number> {
  try {
    if (args.includes("--help")) {
      console.log(`${USAGE}\n${GPU_USAGE}\nbench/README.md says what is measured, and how.`);
      return 0;
    }
    if (args.includes("--gpu")) return await benchGpu(readGpuArguments(args));
    const parsed = readArguments(args);
    const { suites: [suite], json } = parsed;
    const run = describeRun();
    const save = (results: object): void => {
      if (json !== undefined) writeFileSync(json, `${JSON.stringify({ date: new Date().toISOString(), ...run, ...results }, null, 1)}\n`);
    };
    if (parsed.peers.length > 0) {
      save(await compareWithPeers(parsed, run));
      return 0;
    }
    if (parsed.suites.length > 1) {
      if (json !== undefined) throw new Error("--json takes one suite at a time, since each runs in a process of its own.");
      return runEach(parsed.suites, args);
    }
    await applySettings(parsed);
    console.log(heading(suite, run, describeBackend()));
    const results = await runSuite(suite, parsed);
    console.log(formatResults(results));
    save({ suite, backend: describeBackend(), turbo: parsed.turbo, ...results });
    return 0;
  } catch (error) {
    console.error(`bench: ${(error as Error).message.split("\n")[0]}`);
    return 2;
  }
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main(process.argv.slice(2));
