// Readers of logs, on a comparison with made-up numbers: what is told, and what is taken.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Comparison, ComparisonError, readComparison } from "../report/comparison.ts";
import { findings } from "../report/findings.ts";
import { formatSummary } from "../report/summary.ts";
import { DAMAGES } from "../test/damages.ts";
import { sandbox } from "../test/llr.ts";
import { sealLogs, SMALL_COMPARISON, writeComparison } from "../test/writeComparison.ts";

const box = sandbox();
let made = 0;

/** A copy of the comparison, changed. */
function copy(change: (dir: string) => void): string {
  const dir = box.path(`copy${made++}`);
  cpSync(box.path("run"), dir, { recursive: true });
  change(dir);
  return dir;
}
const edit = (path: string, change: (text: string) => string): void => writeFileSync(path, change(readFileSync(path, "utf8")));

beforeAll(() => writeComparison(box.path("run"), SMALL_COMPARISON));

describe("the logs of a comparison", () => {
  it("are taken as they were written, numbers that are not finite included", () => {
    const dir = copy((dir) => {
      for (const file of ["metrics.jsonl", "layers.jsonl"]) edit(join(dir, "arms", "lars", file), (text) => text.replace(/"gradNorm":(\[?)[\d.]+/, '"gradNorm":$1"Infinity"'));
      sealLogs(dir);
    });
    const { arms } = readComparison(dir);
    expect(arms.map((a) => [a.name, a.status, a.error, a.metrics.length, a.tests.map((t) => t.step), a.layers.steps.length])).toEqual(SMALL_COMPARISON.arms.map((name) => [name, "finished", null, 12, [5, 10, 12], 12]));
    expect(arms[1].metrics[0].gradNorm).toBe(Infinity);
    expect(arms[1].layers.columns.get("fc1.weight")!.gradNorm[0]).toBe(Infinity);
  });

  it.each(DAMAGES.map((damage) => [damage.name, damage] as const))("%s: told, with the file", (_, { harm, file, says }) => {
    const dir = copy(harm);
    let refusal: unknown;
    try {
      readComparison(dir);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(ComparisonError);
    expect(refusal).toMatchObject({ code: "LLR_COMPARISON", path: join(dir, file) });
    expect((refusal as Error).message).toContain(says);
    expect((refusal as Error).message).not.toContain("\n");
    rmSync(dir, { recursive: true });
  });

  it("a run of another seed does not lend its folder", () => {
    writeComparison(box.path("seed2"), { ...SMALL_COMPARISON, seed: 2 });
    const dir = copy((dir) => cpSync(box.path("seed2", "arms", "sgd"), join(dir, "arms", "sgd"), { recursive: true }));
    expect(() => readComparison(dir)).toThrow(/sgd.run\.json: config\.seed is 2, compare\.json says 1/);
  });

  it("an arm may be called as Object's own keys are", () => {
    writeComparison(box.path("odd"), { ...SMALL_COMPARISON, arms: ["constructor", "toString"] });
    expect(readComparison(box.path("odd")).arms.map((a) => [a.name, a.status, a.error])).toEqual([["constructor", "finished", null], ["toString", "finished", null]]);
  });
});

describe("a run that was stopped or killed", () => {
  const stopped = (changeRun: (run: Record<string, unknown>) => void, cut: (arm: string) => void, status: string): Comparison => readComparison(copy((dir) => {
    edit(join(dir, "compare.json"), (text) => text.replace('"status": "finished"', `"status": "${status}"`));
    const arm = join(dir, "arms", "lars");
    edit(join(arm, "run.json"), (text) => {
      const run = JSON.parse(text) as Record<string, unknown>;
      changeRun(run);
      return JSON.stringify(run);
    });
    cut(arm);
    sealLogs(dir);
  }));
  const killed = (run: Record<string, unknown>): void => {
    run["status"] = "running";
    delete run["result"];
    delete run["logs"]; // written at the end of a run
  };
  /** As a process leaves it that dies while it writes step 9. */
  const inStep9 = (arm: string): void => {
    edit(join(arm, "metrics.jsonl"), (text) => text.slice(0, text.indexOf('{"step":9') + 20));
    edit(join(arm, "times.jsonl"), (text) => text.slice(0, text.indexOf('{"step":10')));
    edit(join(arm, "layers.jsonl"), (text) => text.slice(0, text.indexOf('{"steps":[9') + 30));
  };

  it("may have a last line that is cut: the lines before it are taken, and the cut is told", () => {
    const comparison = stopped(killed, inStep9, "interrupted");
    const arm = comparison.arms[1];
    expect([arm.status, arm.metrics.length, arm.layers.steps.length]).toEqual(["failed", 8, 8]);
    expect(arm.notes).toEqual(["arms/lars/metrics.jsonl: 9 lines were read; the last line is incomplete and was left out", "arms/lars/layers.jsonl: 8 steps were read; the last line is incomplete and was left out"]);
    expect(formatSummary(comparison)).toContain("\nlars + 1cycle: arms/lars/metrics.jsonl: 9 lines were read; the last line is incomplete");
  });

  it("is running, not failed, while the comparison is under way", () => {
    const comparison = stopped(killed, inStep9, "running");
    expect(comparison.arms.map((a) => [a.status, a.error])).toEqual([["finished", null], ["running", null], ["finished", null]]);
    expect(formatSummary(comparison)).toMatch(/^lars .* not yet +running, step 8$/m);
    expect(findings(comparison).join(" ")).toContain("The comparison is under way: lars + 1cycle had not finished");
  });

  it("that was interrupted after eight steps has eight, and one line less is told", () => {
    const interrupted = (run: Record<string, unknown>): void => {
      run["status"] = "interrupted";
      run["result"] = { ...(run["result"] as object), ended: "stopped", steps: 8, trainLoss: undefined, test: JSON.parse(testAt5) as unknown };
    };
    const testAt5 = /"test":(\{.*\})\}/.exec(readFileSync(box.path("run", "arms", "lars", "metrics.jsonl"), "utf8"))![1];
    const after = (metrics: number, trainLoss: number) => (): Comparison => stopped((run) => {
      interrupted(run);
      Object.assign(run["result"] as object, { trainLoss });
    }, (arm) => {
      edit(join(arm, "metrics.jsonl"), (text) => text.slice(0, text.indexOf(`{"step":${metrics + 1}`)));
      edit(join(arm, "times.jsonl"), (text) => text.slice(0, text.indexOf('{"step":9')));
      edit(join(arm, "layers.jsonl"), (text) => text.slice(0, text.indexOf('{"steps":[9')));
    }, "interrupted");
    let average = 0;
    for (const { loss } of readComparison(box.path("run")).arms[1].metrics.slice(0, 8)) average = 0.98 * average + 0.02 * loss;
    const trainLoss = average / (1 - 0.98 ** 8);
    expect(after(8, trainLoss)().arms[1]).toMatchObject({ status: "interrupted", notes: [], result: { steps: 8, ended: "stopped" } });
    expect(after(7, trainLoss)).toThrow(/metrics\.jsonl: it has 7 steps, while run\.json says 8/);
    expect(after(8, 2 * trainLoss)).toThrow("result.trainLoss");
  });
});

describe("llr report", () => {
  const harm = (dir: string): void => {
    const path = join(dir, "arms", "lars", "metrics.jsonl");
    edit(path, (text) => text.replace('"loss":', '"loss":"\\u001b[2J",\n"x":'));
  };

  it("says damage in one line without control characters, exits with 1, and writes nothing", async () => {
    const dir = copy(harm);
    const before = readdirSync(dir);
    const { code, out, err } = await box.llr(["report", dir]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    // eslint-disable-next-line no-control-regex -- a terminal would obey them
    expect(err).toMatch(/^llr: [^\u0000-\u001f]*lars.metrics\.jsonl: it cannot be read: line 1 [^\u0000-\u001f]*\n$/);
    expect(readdirSync(dir)).toEqual(before);
  });

  it("marks the damaged arm where it is asked to, in table, page and CSV, and exits with 1 all the same", async () => {
    const dir = copy(harm);
    const { code, out, err } = await box.llr(["report", dir, "--mark-damaged", "--out", "marked"]);
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toMatch(/^lars \+ 1cycle .* damaged$/m);
    expect(out).toMatch(/^lars \+ 1cycle: arms\/lars\/metrics\.jsonl: it cannot be read: line 1 /m);
    expect(out).toMatch(/^sgd \+ 1cycle .* stable$/m);
    expect(readFileSync(box.path("marked", "summary.csv"), "utf8")).toMatch(/^lars,0\.2,,,,,,damaged,damaged$/m);
    expect(readFileSync(box.path("marked", "report.html"), "utf8")).toContain("lars + 1cycle cannot be compared: the logs are damaged.");
    expect(existsSync(join(dir, "report.html"))).toBe(false);
  });
});

it("escapes of a label are shown as text", () => {
  const dir = copy((dir) => {
    for (const file of ["compare.json", "arms/lars/run.json"]) edit(join(dir, file), (text) => text.replaceAll('"lars + 1cycle"', '"la\\u001b]0;x\\u0007rs\\u202e"'));
  });
  const text = formatSummary(readComparison(dir));
  expect(text).toContain("la\\u001b]0;x\\u0007rs\\u202e");
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
});

it("a file, a path below one and a folder that is not there are no comparisons", () => {
  writeFileSync(box.path("file"), "");
  for (const path of [["file"], ["file", "below"], ["nowhere"]]) expect(() => readComparison(box.path(...path))).toThrow(ComparisonError);
});
