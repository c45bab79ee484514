import { describe, expect, it } from "vitest";
import { type LiveState, liveTable } from "./liveTable.ts";

function setUp(terminal: { isTTY?: boolean; columns?: number } = {}) {
  const clock = { ms: 0 };
  const written: string[] = [];
  return { clock, written, table: liveTable(["SGD", "LARS"], 10, 2, { ...terminal, write: (text: string) => written.push(text) }, () => clock.ms) };
}
const training = (step: number): LiveState => ({ state: "training", step, loss: 0.25, accuracy: 0.9 });

describe("the live table", () => {
  it("repaints one line an arm on a terminal, over the lines it painted before", () => {
    const { clock, written, table } = setUp({ isTTY: true });
    clock.ms = 1000;
    table.update(0, training(5));
    table.update(0, training(6)); // too soon
    clock.ms = 2000;
    table.update(1, { state: "failed", step: 2, loss: null, accuracy: null });
    table.end();
    expect(written).toHaveLength(3);
    expect(written[0]).toBe("SGD   ##########..........  step 5/10  loss 0.250  accuracy 90.00 %\nLARS  ....................  waiting\n0 of 2 arms done\n");
    const [erased, ...rest] = written[1].split("\u001B[0J");
    expect(erased).toBe("\u001B[3A\r");
    expect(rest.join("")).toMatch(/^SGD {3}#{12}\.{8} {2}step 6\/10.*\nLARS {2}#{4}\.{16} {2}failed\n1 of 2 arms done/);
    expect(written[2]).toBe("\u001B[3A\r\u001B[0J");
  });

  it("never paints a line wider than the terminal, which would break the repainting", () => {
    const { clock, written, table } = setUp({ isTTY: true, columns: 30 });
    clock.ms = 1000;
    table.update(0, training(5));
    for (const line of written[0].split("\n")) expect(line.length).toBeLessThan(30);
  });

  it("writes plain lines to a file, not more than one every five seconds, and always the last", () => {
    const { clock, written, table } = setUp();
    for (let step = 1; step <= 10; step++) {
      clock.ms += 1000;
      table.update(0, training(step));
    }
    table.update(0, { ...training(10), state: "done" });
    table.update(1, { state: "failed", step: 0, loss: null, accuracy: null });
    expect(written).toEqual(["step 1/20  0 of 2 arms done  SGD 10 %\n", "step 6/20  0 of 2 arms done  SGD 60 %  10 s left\n", "step 20/20  2 of 2 arms done\n"]);
  });
});
