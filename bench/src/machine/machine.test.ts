import { describe, expect, it } from "vitest";
import { flops, traffic } from "../item.ts";
import { leb } from "./assemble.ts";
import { better, type Machine, share, trafficName } from "./machine.ts";
import { canFuse, FLOPS_PER_ROUND, makeMultiplyAdds } from "./peak.ts";
import { makeStream, PATTERNS, ROUND } from "./stream.ts";

/** The same sums in double precision; all numbers here have few enough digits to be exact in single. */
function expected(rounds: number, x: number, y: number): number {
  let total = 0;
  for (let sum = 0; sum < 12; sum++) {
    let s = sum;
    for (let i = 0; i < 4 * rounds; i++) s = s * x + y;
    total += s;
  }
  return total;
}

describe("the multiply-add loop", () => {
  it.each([false, ...(canFuse() ? [true] : [])])("adds up what it says (fused: %s)", (fused) => {
    const run = makeMultiplyAdds(fused);
    for (const [rounds, x, y] of [[1, 0.5, 1], [2, 0.5, 1], [3, 1, 2], [1000, 1, 0.25], [5, -1, 3]]) expect(run(rounds, x, y)).toBe(expected(rounds, x, y));
  });

  it("has 12 sums of 4 lanes, 4 times a round, 2 operations each", () => expect(FLOPS_PER_ROUND).toBe(12 * 4 * 4 * 2));
});

describe("the stream loops", () => {
  const elements = 3 * ROUND;
  const start = (): ReturnType<typeof makeStream> => {
    const stream = makeStream(elements);
    stream.arrays.forEach((array, which) => array.forEach((_, i) => (array[i] = 10 * i + which)));
    return stream;
  };

  it("copy writes y, add writes z, update writes x, and nothing else", () => {
    const results = { copy: [0, 0, 2], add: [0, 1, 20], update: [0.5, 1, 2] };
    for (const pattern of ["copy", "add", "update"] as const) {
      const stream = start();
      stream.run(pattern);
      const [x, y, z] = results[pattern];
      const slopes = { copy: [10, 10, 10], add: [10, 10, 20], update: [15, 10, 10] }[pattern];
      const offsets = { copy: [x, y, z], add: [x, y, 1], update: [x, y, z] }[pattern];
      stream.arrays.forEach((array, which) => expect([...array], `${pattern} ${"xyz"[which]}`).toEqual(Array.from({ length: elements }, (_, i) => slopes[which] * i + offsets[which])));
    }
  });

  it("sum reads every vector", () => {
    const stream = start();
    const firstLanes = Array.from({ length: elements / 4 }, (_, i) => 40 * i).reduce((a, b) => a + b);
    expect(stream.run("sum")).toBe(firstLanes);
  });

  it("refuses a length that leaves a tail", () => expect(() => makeStream(ROUND + 1)).toThrow(`${ROUND + 1} elements are no multiple of ${ROUND}`));

  it("counts bytes as STREAM does", () => expect(PATTERNS).toEqual({ copy: 8, add: 12, sum: 4, update: 12 }));
});

describe("shares of the limit", () => {
  const machine: Machine = { gflops: 50, fused: true, bandwidths: { "add 1e6": 80, "copy 128000": 200 } };

  it("a product is compared with the peak of all threads' cores", () => {
    expect(share(flops(1), 45, machine, 1)).toEqual({ value: 0.9, of: "peak" });
    expect(share(flops(1), 90, machine, 2)).toEqual({ value: 0.9, of: "peak" });
  });

  it("traffic is compared with the same pattern over as many elements, of one core", () => {
    expect(share(traffic(3, "add", 1e6), 40, machine, 2)).toEqual({ value: 0.5, of: "add 1e6" });
    expect(share(traffic(2, "copy", 128_000), 100, machine, 1)).toEqual({ value: 0.5, of: "copy 128000" });
  });

  it("of two measurements the better one counts, figure by figure", () => {
    expect(better(machine, { gflops: 40, fused: true, bandwidths: { "add 1e6": 90, "copy 128000": 100 } })).toEqual({ gflops: 50, fused: true, bandwidths: { "add 1e6": 90, "copy 128000": 200 } });
  });

  it.each([["add", 1e6, "add 1e6"], ["update", 1e7, "update 1e7"], ["copy", 128_000, "copy 128000"]] as const)("%s of %d is named %s", (pattern, elements, name) => expect(trafficName(pattern, elements)).toBe(name));
});

it.each([[0, [0]], [127, [127]], [128, [0x80, 1]], [0x105, [0x85, 2]], [300_000, [0xe0, 0xa7, 0x12]]])("%d in groups of seven bits", (value, bytes) => expect(leb(value)).toEqual(bytes));
