// Scopes that were held open over an await, as a server's overlapping requests do: said once, and then all works again.
import { describe, expect, it } from "vitest";
import { add, memoryStats, mul, relu, scope, ScopeError, sum, tensor } from "@llr/tensor";
import { backward, parameter } from "./index.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const works = () => {
  const { blocks } = memoryStats();
  expect(mul(tensor([2]), 3).storage.place).toBe("heap");
  expect(scope(() => add(tensor([2]), 3)).item()).toBe(5);
  expect(memoryStats().blocks).toBe(blocks);
};

describe("scopes held over an await", () => {
  it("two requests that overlap are told once, and leave nothing open", async () => {
    const before = memoryStats().blocks;
    const request = async () => {
      const s = scope();
      try {
        tensor([1, 2, 3]);
        await turn();
      } finally {
        s.close();
      }
    };
    const results = await Promise.allSettled([request(), request()]);
    const told = results.flatMap((r) => (r.status === "rejected" ? [r.reason as Error] : []));
    expect(told).toHaveLength(1);
    expect(told[0]).toBeInstanceOf(ScopeError);
    expect(told[0].message).toContain("held open over an await, and another was opened in it before it was closed");
    works();
    // Blocks of tensors that earlier tests dropped may come back meanwhile.
    expect(memoryStats().blocks).toBeLessThanOrEqual(before);
  });

  it.each<[string, () => unknown]>([
    ["an op", () => relu(tensor([1]))],
    ["a new tensor", () => tensor([1])],
    ["a scope", () => scope(() => 1)],
    ["an open scope", () => { scope().close(); }],
    ["a backward pass", () => { const w = parameter([1]); backward(sum(mul(w, 2))); }],
  ])("%s that finds one left open closes it and says so; the same again works", async (_, next) => {
    const before = memoryStats().blocks;
    scope();
    scope();
    tensor([1, 2]);
    await turn();
    expect(next).toThrow(/^scope: a scope was held open over an await, and .*closed now/);
    // Blocks of tensors that earlier tests dropped may come back meanwhile.
    expect(memoryStats().blocks).toBeLessThanOrEqual(before);
    next();
    works();
  });

  it("ten requests in random order, each with ops after its await, disturb no synchronous work between them", async () => {
    const before = memoryStats().blocks;
    let errors = 0;
    const request = async (i: number) => {
      try {
        const s = scope();
        try {
          const x = tensor([i]);
          for (let k = 0; k < (i * 7) % 5; k++) await turn();
          add(x, 1);
        } finally {
          s.close();
        }
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^LLR_(SCOPE|RELEASED)$/);
        errors++;
      }
    };
    await Promise.all(Array.from({ length: 10 }, (_, i) => request(i)));
    expect(errors).toBeGreaterThan(0);
    works();
    // Blocks of tensors that earlier tests dropped may come back meanwhile.
    expect(memoryStats().blocks).toBeLessThanOrEqual(before);
  });

  it("one that is closed before anything else happens is nobody's business", async () => {
    const s = scope();
    tensor([1]);
    await turn();
    s.close();
    works();
  });
});
