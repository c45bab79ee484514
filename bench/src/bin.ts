// npm run bench [-- kernels|steps|optimizers|dispatch ...] [--quick] [--json FILE]
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { arch, availableParallelism, cpus, loadavg, platform } from "node:os";
import { parseArgs } from "node:util";
import { describeBackend } from "@llr/tensor";
import { dispatch } from "./dispatch.ts";
import type { Suite } from "./item.ts";
import { kernels } from "./kernels.ts";
import { race, type RaceResult, time, type Timing } from "./measure.ts";
import { optimizers } from "./optimizers.ts";
import { steps } from "./steps.ts";

export const SUITES: Readonly<Record<string, () => Suite>> = { kernels, steps, optimizers, dispatch };
const USAGE = `usage: npm run bench -- [${Object.keys(SUITES).join("|")} ...] [--quick] [--json FILE]`;

interface Arguments {
  readonly suites: readonly string[];
  readonly quick: boolean;
  readonly json: string | undefined;
}

/** @throws Error with one line for the user */
export function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { quick: { type: "boolean" }, json: { type: "string" } } });
  const unknown = positionals.find((name) => !Object.hasOwn(SUITES, name));
  if (unknown !== undefined) throw new Error(`unknown suite ${unknown}. ${USAGE}`);
  return { suites: positionals.length > 0 ? positionals : Object.keys(SUITES), quick: values.quick ?? false, json: values.json };
}

interface Results {
  readonly timings: readonly Timing[];
  readonly races: readonly RaceResult[];
}

async function runSuite(name: string, quick: boolean): Promise<Results> {
  const { items, races } = SUITES[name]();
  return { timings: await time(items, { ms: quick ? 100 : 1000 }), races: races.map((r) => race(r, { rounds: quick ? 10 : 101 })) };
}

function describeRun(): Record<string, unknown> {
  return {
    node: process.versions.node, flags: process.execArgv, cpu: cpus()[0]?.model.trim() ?? "unknown", cores: availableParallelism(),
    platform: `${platform()} ${arch()}`, load: loadavg()[0], backend: describeBackend(),
  };
}

function print({ timings, races }: Results): void {
  const width = Math.max(...timings.map((t) => t.name.length), ...races.flatMap((r) => r.entries.map((e) => e.name.length)));
  const ms = (x: number): string => x.toPrecision(3).padStart(9);
  if (timings.length > 0) console.log(`${"".padEnd(width)} ${"median ms".padStart(9)} ${"mean ms".padStart(9)} ${"p99 ms".padStart(9)}`);
  for (const { name, median, mean, p99, rate } of timings) console.log(`${name.padEnd(width)} ${ms(median)} ${ms(mean)} ${ms(p99)}${rate ? `  ${rate.value.toFixed(2)} ${rate.unit}` : ""}`);
  for (const { name, base, entries } of races) {
    console.log(`\n${name}: in turn, ratios to ${base}`);
    for (const e of entries) console.log(`${e.name.padEnd(width)} ${ms(e.median)} ms  ${e.ratio.toFixed(3)}x`);
  }
}

/** One suite in this process, or each of several in a process of its own: arrays of one must not slow the loops of another. */
async function main(args: readonly string[]): Promise<number> {
  let parsed: Arguments;
  try {
    parsed = readArguments(args);
  } catch (error) {
    console.error(`bench: ${(error as Error).message.split("\n")[0]}`);
    return 2;
  }
  const { suites, quick, json } = parsed;
  if (suites.length > 1) {
    if (json !== undefined) {
      console.error("bench: --json takes one suite at a time, since each runs in a process of its own.");
      return 2;
    }
    for (const suite of suites) {
      const { status } = spawnSync(process.execPath, [...process.execArgv, process.argv[1], suite, ...(quick ? ["--quick"] : [])], { stdio: "inherit" });
      if (status !== 0) return status ?? 1;
    }
    return 0;
  }
  const [suite] = suites;
  const run = describeRun();
  const { home, threads } = describeBackend();
  console.log(`\n${suite}: ${run.cpu}, ${run.cores} cores, Node ${run.node} ${process.execArgv.join(" ")}; kernels: ${home}, ${threads} thread; load ${(run.load as number).toFixed(2)}`);
  if ((run.load as number) > 0.5 * availableParallelism()) console.log("warning: the machine is busy; expect noise, and compare ratios only");
  const results = await runSuite(suite, quick);
  print(results);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ suite, date: new Date().toISOString(), ...run, ...results }, null, 1)}\n`);
  return 0;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main(process.argv.slice(2));
