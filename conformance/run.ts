// npm run conformance -- --kit DIR --data DIR [--suite a,b] [--strict] [...]: judges the adapter by a kit of cases that
// others computed. The kit is not part of this repository; its options are passed on.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const ADAPTER = join(import.meta.dirname, "adapter.ts");

export interface KitRun {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs the kit's runner on the adapter. */
export function runKit(kit: string, options: readonly string[], stdio: "pipe" | "inherit" = "pipe"): KitRun {
  const runner = join(kit, "runner", "run.mjs");
  if (!existsSync(runner)) throw new Error(`conformance: no kit in ${kit} (${runner} is missing). Give its folder with --kit.`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [runner, "--adapter", ADAPTER, ...options], { encoding: "utf8", stdio, maxBuffer: 2 ** 28 });
  return { exitCode: status ?? 1, output: `${stdout ?? ""}${stderr ?? ""}` };
}

function main(): number {
  const { values, tokens } = parseArgs({ options: { kit: { type: "string" }, data: { type: "string" } }, strict: false, tokens: true });
  if (typeof values.kit !== "string") {
    console.error("conformance: --kit is missing. Use: npm run conformance -- --kit DIR [--data DIR] [--suite a,b] [--strict]");
    return 2;
  }
  const data = typeof values.data === "string" ? values.data : join(values.kit, "sample");
  const rest = process.argv.slice(2).filter((_, i) => !tokens.some((t) => t.kind === "option" && (t.name === "kit" || t.name === "data") && (t.index === i || (t.index + 1 === i && !t.inlineValue))));
  try {
    return runKit(resolve(values.kit), ["--data", resolve(data), ...rest], "inherit").exitCode;
  } catch (error) {
    console.error((error as Error).message);
    return 2;
  }
}

if (process.argv[1] === import.meta.filename) process.exitCode = main();
