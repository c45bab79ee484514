import { describe, expect, it } from "vitest";
import { formatDuration, progress } from "./progress.ts";

/** A clock that is moved by hand and an output that remembers. */
function setUp(total: number, terminal: { isTTY?: boolean; columns?: number } = {}) {
  const clock = { ms: 0 };
  const written: string[] = [];
  return { clock, written, bar: progress(total, { ...terminal, write: (text: string) => written.push(text) }, () => clock.ms) };
}

describe("progress", () => {
  it("writes plain lines to a file, not more than one every five seconds, and always the last", () => {
    const { clock, written, bar } = setUp(100);
    for (let step = 1; step <= 100; step++) {
      clock.ms += 100;
      bar.update(step, "loss 1");
    }
    expect(written).toEqual(["step   1/100  loss 1\n", "step  51/100  loss 1  5 s left\n", "step 100/100  loss 1  0 s left\n"]);
  });

  it("loses no letter on a terminal that says it has 0 columns", () => {
    const { clock, written, bar } = setUp(10, { isTTY: true, columns: 0 });
    clock.ms = 1000;
    bar.update(1, "loss 1");
    expect(written).toEqual(["\r\u001B[2Kstep  1/10  loss 1"]);
  });

  it("repaints one line on a terminal, no longer than the terminal is wide", () => {
    const { clock, written, bar } = setUp(10, { isTTY: true, columns: 20 });
    clock.ms = 1000;
    bar.update(1, "a long text that does not fit");
    bar.update(2, "too soon");
    bar.end();
    expect(written).toEqual(["\r\u001B[2Kstep  1/10  a long ", "\r\u001B[2K"]);
  });

  it("the remaining time follows a change of speed", () => {
    const { clock, written, bar } = setUp(1000);
    for (let step = 1; step <= 700; step++) {
      clock.ms += step <= 100 ? 10_000 : 1_000;
      bar.update(step, "");
    }
    expect(written[0]).toBe("step    1/1000  \n"); // one step says nothing of the next
    expect(written[20]).toContain("2 h 43 min left"); // 979 steps of 10 s
    expect(written.at(-1)).toContain("5 min 0 s left"); // 300 steps of 1 s
  });

  it("formats durations in two units, and a duration not known yet", () => {
    expect(formatDuration(NaN)).toBe("? s");
    expect([0, 59_499, 60_000, 75_000, 3_600_000, 9_999_000].map(formatDuration)).toEqual(["0 s", "59 s", "1 min 0 s", "1 min 15 s", "1 h 0 min", "2 h 46 min"]);
  });
});
