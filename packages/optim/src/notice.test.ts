import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Param, createOptimizer, lars, larsRule, sgdRule, vectors } from "./index.ts";

const param = (name: string, shape?: number[]): Param => ({ name, data: Float64Array.of(1, 2), grad: null, ...(shape && { shape }) });

/** What was written to the console since the test began. */
let heard: string[] = [];
const { warn } = console;
beforeEach(() => {
  heard = [];
  Object.assign(console, { warn: (text: string) => void heard.push(text) });
});
afterEach(() => {
  Object.assign(console, { warn });
});

describe("a rule that excludes by shape", () => {
  it("says once that parameters without shapes are not excluded", () => {
    const rule = { ...larsRule, name: "larsOfThisTest" };
    for (let i = 0; i < 3; i++) createOptimizer(rule, [param("w"), param("b")], { lr: 1 });
    expect(heard).toEqual([expect.stringMatching(/^larsOfThisTest: no parameter has a shape, so nothing is excluded by shape/)]);
  });

  it("says so of a selection by the user, too", () => {
    createOptimizer({ ...sgdRule, name: "sgdOfThisTest" }, [param("w")], { lr: 1, exclude: vectors });
    expect(heard).toHaveLength(1);
  });

  it("is silent where a parameter has a shape, or another selection was made", () => {
    lars([param("w", [1, 2]), param("b")], { lr: 1 });
    createOptimizer({ ...larsRule, name: "larsOfOthers" }, [param("w")], { lr: 1, exclude: [] });
    expect(heard).toEqual([]);
  });
});
