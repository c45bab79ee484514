// How a comparison is made and printed, with processes that answer, fail, hang and die. No peer is needed, and no network.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Task } from "../src/tasks.ts";
import { type Limits, PeerProcess } from "./child.ts";
import { compare, type Contestant, type Row, SLOW } from "./comparison.ts";
import { PACKAGES } from "./install.ts";
import { OURS } from "./peers.ts";
import { readAnswer, writeAnswer } from "./protocol.ts";
import { sample } from "./sample.ts";
import { footnotes, formatFootnotes, formatHeader, formatRatio, formatRow, formatTime, ofBest } from "./table.ts";

const task: Task = { kind: "gemm", m: 8, k: 8, n: 8, transposeA: false, transposeB: false };
const request = { name: "small", task, budget: 1 };
const rounds = { rounds: 3, budget: 1 };

/** Answers with the given medians, one a request; what is thrown is an error. */
function scripted(label: string, script: readonly (number | Error)[], calls: string[] = []): Contestant {
  let next = 0;
  return {
    label,
    async ask() {
      calls.push(label);
      const answer = script[next++];
      if (typeof answer === "number") return { median: answer, best: answer / 2, samples: 10 };
      throw answer;
    },
  };
}

describe("a comparison", () => {
  it("takes the median of the rounds' ratios, peer to ours", async () => {
    const { outcomes } = await compare({ name: "x", task }, [scripted("a", [1, 10, 2]), scripted("b", [3, 20, 8])], rounds);
    expect(outcomes).toEqual([{ median: 2, best: 0.5, ratio: 1, rounds: 3, samples: 30 }, { median: 8, best: 1.5, ratio: 3, rounds: 3, samples: 30 }]);
  });

  it("takes turns, and asks the slow once", async () => {
    const calls: string[] = [];
    await compare({ name: "x", task }, [scripted("a", [1, 1, 1], calls), scripted("slow", [SLOW + 1], calls), scripted("b", [1, 1, 1], calls)], rounds);
    expect(calls).toEqual(["a", "slow", "b", "a", "b", "a", "b"]);
  });

  it("goes on without one that fails, and says why", async () => {
    const { outcomes } = await compare({ name: "x", task }, [scripted("a", [1, 1, 1]), scripted("b", [2, new Error("no kernel\nat line 1")]), scripted("c", [4, 4, 4])], rounds);
    expect(outcomes).toEqual([{ median: 1, best: 0.5, ratio: 1, rounds: 3, samples: 30 }, { error: "no kernel" }, { median: 4, best: 2, ratio: 4, rounds: 3, samples: 30 }]);
  });

  it("measures peers though we fail, without a ratio", async () => {
    const { outcomes } = await compare({ name: "x", task }, [scripted("a", [new Error("out of memory")]), scripted("b", [2, 2, 2])], rounds);
    expect(outcomes).toEqual([{ error: "out of memory" }, { median: 2, best: 1, ratio: NaN, rounds: 3, samples: 30 }]);
  });
});

describe("the table", () => {
  it("has a row a task, and each message once at the end", () => {
    const notes = footnotes();
    const rows: Row[] = [
      { name: "gemm", outcomes: [{ median: 0.0123, best: 0.0123, ratio: 1, rounds: 1, samples: 1 }, { median: 0.00652, best: 0.00652, ratio: 0.53, rounds: 1, samples: 1 }, { error: "no kernel" }] },
      { name: "conv", outcomes: [{ median: 1234.5, best: 1234.5, ratio: 1, rounds: 1, samples: 1 }, { error: "too slow" }, { error: "no kernel" }] },
    ];
    const text = [formatHeader(["llr", "torch", "tfjs"], 30), ...rows.map((row) => formatRow(row, 30, notes)), formatFootnotes(notes)].join("\n");
    expect(text.split("\n")).toEqual([
      "ms; ratio > 1: we are faster                  llr              torch               tfjs",
      "gemm                                       0.0123    0.00652   0.53x         throws [1]",
      "conv                                         1235         throws [2]         throws [1]",
      "[1] throws: no kernel",
      "[2] throws: too slow",
    ]);
  });

  it("can show the best samples, with their ratio", () => {
    const row: Row = { name: "gemm", outcomes: [{ median: 4, best: 2, ratio: 1, rounds: 5, samples: 9 }, { median: 5, best: 3, ratio: 9, rounds: 5, samples: 9 }, { error: "no kernel" }] };
    expect(formatRow(ofBest(row), 6, [])).toBe("gemm                 2.00       3.00   1.50x         throws [1]");
  });

  it.each([[0.534, "0.53x"], [14.23, "14.2x"], [1250.4, "1250x"]])("%d is %s", (ratio, text) => expect(formatRatio(ratio)).toBe(text));
  it.each([[0.0123456, "0.0123"], [1.2345, "1.23"], [18_744.4, "18744"]])("%d ms is %s", (ms, text) => expect(formatTime(ms)).toBe(text));
});

describe("a peer's process", () => {
  const limits: Limits = { start: 30_000, answer: 30_000 };
  const node = (script: string, own: Limits = limits): PeerProcess => new PeerProcess(() => ({ command: process.execPath, args: ["-e", script], env: {} }), own);
  const ready = `console.log('@bench {"ready":{"version":"1","threads":1}}');`;
  const onLine = (code: string): string => `${ready} require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => { ${code} });`;

  it("answers, whatever else it prints", async () => {
    const peer = node(onLine(`console.log("hello"); console.log('@bench {"sampled":{"median":' + JSON.parse(line).task.m + ',"best":1,"samples":1}}');`));
    expect(await peer.start()).toEqual({ version: "1", threads: 1 });
    expect(await peer.ask(request)).toEqual({ median: 8, best: 1, samples: 1 });
    peer.stop();
  });

  it("that cannot do a task says why, and does the next", async () => {
    const peer = node(`let n = 0; ${onLine(`console.log(n++ ? '@bench {"sampled":{"median":1,"best":1,"samples":1}}' : '@bench {"error":"no kernel"}');`)}`);
    await expect(peer.ask(request)).rejects.toThrow("no kernel");
    expect(await peer.ask(request)).toEqual({ median: 1, best: 1, samples: 1 });
    peer.stop();
  });

  it("that is not there is reported", async () => {
    await expect(new PeerProcess(() => ({ command: "llr-no-such-program", args: [], env: {} }), limits).start()).rejects.toThrow("cannot run llr-no-such-program");
    await expect(new PeerProcess(() => { throw new Error("PyTorch is not installed"); }, limits).start()).rejects.toThrow("PyTorch is not installed");
    await expect(node(`console.log('@bench {"error":"no module"}')`).start()).rejects.toThrow("no module");
  });

  it("that dies says its last words, and is started anew", async () => {
    const peer = node(onLine(`console.error("Error: out of memory"); process.exit(3);`));
    await expect(peer.ask(request)).rejects.toThrow("ended with exit code 3: Error: out of memory");
    expect(await peer.start()).toEqual({ version: "1", threads: 1 });
    peer.stop();
  });

  it("that hangs is given up, and started anew", async () => {
    const peer = node(onLine("for (;;);"), { start: 30_000, answer: 100 });
    await expect(peer.ask(request)).rejects.toThrow("took more than 0.1 s");
    expect(await peer.start()).toEqual({ version: "1", threads: 1 });
    peer.stop();
  });

  it("gets the threads and the flags that were asked for", async () => {
    const peer = new PeerProcess(() => OURS.command({ threads: 2, turbo: false }), limits);
    expect(await peer.start()).toMatchObject({ threads: 2 });
    peer.stop();
    expect(OURS.command({ threads: 1, turbo: true }).args).toContain("--experimental-wasm-revectorize");
    expect(OURS.command({ threads: 1, turbo: false }).args).not.toContain("--experimental-wasm-revectorize");
  });

  it("this library is a peer too", async () => {
    const peer = new PeerProcess(() => OURS.command({ threads: 1, turbo: false }), limits);
    expect(await peer.start()).toMatchObject({ threads: 1 });
    expect((await peer.ask(request)).samples).toBeGreaterThan(0);
    await expect(peer.ask({ ...request, name: "wrong", task: { ...task, k: -1 } })).rejects.toThrow(/./);
    expect((await peer.ask(request)).median).toBeGreaterThan(0);
    peer.stop();
  });
});

describe("sampling", () => {
  it("runs at least once beside the warm-up, and waits for what takes time", async () => {
    const order: string[] = [];
    const { samples } = await sample(async () => {
      order.push("start");
      await new Promise((resolve) => setImmediate(resolve));
      order.push("end");
    }, 0);
    expect(samples).toBeGreaterThan(0);
    expect(order.length).toBeGreaterThanOrEqual(4);
    order.forEach((step, i) => expect(step).toBe(i % 2 === 0 ? "start" : "end"));
  });

  it("an error of the run is an error of the sample", async () => await expect(sample(() => { throw new Error("no kernel"); }, 1)).rejects.toThrow("no kernel"));
});

it("an answer is told from other lines", () => {
  expect(readAnswer(writeAnswer({ error: "a\nb" }).trimEnd())).toEqual({ error: "a\nb" });
  expect(readAnswer("Platform wasm has already been set")).toBeNull();
});

it("peers' packages are pinned, and no part of the workspace", () => {
  const root = join(import.meta.dirname, "..", "..");
  const lock = readFileSync(join(root, "pnpm-lock.yaml"), "utf8");
  for (const [name, version] of Object.entries(PACKAGES)) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(lock).not.toContain(name);
    expect(existsSync(join(root, "node_modules", name))).toBe(false);
  }
});
