// The memory contract (docs/decisions/0002-memory-contract.md), rule by rule. Freed blocks are filled with NaN in all
// tests, so a number that survives where it should not turns into NaN here.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Tensor } from "@llr/tensor";
import { add, assign, buffer, crossEntropy, drop, exp, keep, matmul, memoryStats, mul, relu, reshape, resetPeakMemory, Rng, rows, scope, sub, sum, tensor, transpose } from "@llr/tensor";
import { backward, grad, noGrad, parameter } from "./index.ts";

const blocks = () => memoryStats().blocks;
const released = /was freed when its scope ended\. Return it from the scope, or keep\(\) it\./;

/** A small net whose every op kind takes part: views, broadcasting, a fused loss. */
function makeStep(seed = 1) {
  const rng = new Rng(seed).stream("step");
  const random = (shape: number[]) => Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal());
  const w1 = parameter({ shape: [4, 6], data: random([4, 6]) }, { name: "w1" });
  const w2 = parameter({ shape: [6, 3], data: random([6, 3]) }, { name: "w2" });
  const images = random([5, 2, 2]);
  const labels = Int32Array.of(0, 1, 2, 1, 0);
  const loss = () => crossEntropy(matmul(relu(matmul(reshape(tensor(images, [5, 2, 2]), [5, 4]), w1)), w2), tensor(labels));
  const clear = () => { w1.grad = null; w2.grad = null; };
  return { w1, w2, loss, clear };
}

describe("rule 1: a result belongs to the innermost scope, and outside any it is the same on the heap", () => {
  it("inside it lies in a block of the scope, outside in an array of the garbage collector", () => {
    expect(scope(() => add(tensor([1]), 1).storage.place)).toBe("block");
    expect(add(tensor([1]), 1).storage.place).toBe("heap");
  });

  it("an op outside scopes leaves no block behind, also when its kernel throws", () => {
    const before = blocks();
    const x = tensor([1, 2]);
    mul(add(x, 1), x);
    expect(() => matmul(x, tensor([[1, 2, 3]]))).toThrow("matmul");
    expect(blocks()).toBe(before);
  });

  it("a whole training step gives the same bits inside and outside", () => {
    const inside = makeStep();
    const outside = makeStep();
    const lossInside = scope(() => { const l = inside.loss(); backward(l); return l.item(); });
    const l = outside.loss();
    backward(l);
    expect(l.item()).toBe(lossInside);
    expect([...outside.w1.grad!]).toEqual([...inside.w1.grad!]);
    expect([...outside.w2.grad!]).toEqual([...inside.w2.grad!]);
  });
});

describe("rule 2: a scope frees all but its results and what is kept", () => {
  it("frees intermediate results; what is returned goes to the parent without a copy, at the top to the heap", () => {
    const before = blocks();
    const out = scope(() => {
      const inner = scope(() => {
        add(tensor([1]), 1);
        return { a: [tensor([2]), 5], b: { c: tensor([3]) } };
      });
      expect(inner.a[0]).toMatchObject({ storage: { place: "block" } });
      expect(blocks()).toBe(before + 2);
      return inner.b.c;
    });
    expect(out.storage.place).toBe("heap");
    expect(out.item()).toBe(3);
    expect(blocks()).toBe(before);
  });

  it("keep() hands to the heap, from an inner scope too, and through an exception", () => {
    let kept!: Tensor;
    expect(() =>
      scope(() => {
        kept = tensor([7]);
        scope(() => keep(kept));
        throw new Error("in the middle");
      }),
    ).toThrow("in the middle");
    expect(kept.storage.place).toBe("heap");
    expect(kept.item()).toBe(7);
  });

  it("keep() in the middle of a graph does not cut the gradient", () => {
    const w = parameter([2], { name: "w" });
    scope(() => backward(sum(mul(keep(mul(w, w)), 3))));
    expect([...w.grad!]).toEqual([12]);
  });
});

describe("rule 3: history ends with its scope", () => {
  it("backward on a returned or kept tensor says where to call it", () => {
    const w = parameter([1], { name: "w" });
    const message = "backward: the history of sum ended with its scope. Call backward inside the scope that made it.";
    expect(() => backward(scope(() => sum(mul(w, 2))))).toThrow(message);
    let kept!: Tensor;
    scope(() => { kept = keep(sum(mul(w, 2))); });
    expect(() => backward(kept)).toThrow(message);
  });

  it("state carried from step to step is a constant: truncated back-propagation without detach", () => {
    const w = parameter([0.5], { name: "w" });
    let state = tensor([1]);
    for (let step = 0; step < 3; step++) {
      w.grad = null;
      state = scope(() => {
        const next = mul(state, w);
        backward(sum(next));
        return next;
      });
    }
    expect(state.item()).toBe(0.125);
    expect([...w.grad!]).toEqual([0.25]); // d(0.25 w)/dw, not d(w^3)/dw = 0.75
  });
});

describe("rule 4: parameters and buffers are pinned, and only they are written", () => {
  it("they survive every scope, also when made in one", () => {
    const { w, b } = scope(() => ({ w: parameter([1], { name: "w" }), b: buffer(tensor([2])) }));
    scope(() => add(w, b));
    expect([w.item(), b.item()]).toEqual([1, 2]);
  });

  it("their arrays keep identity and stay valid when the memory grows", () => {
    const w = parameter([1, 2], { name: "w" });
    const { data } = w;
    const reserved = memoryStats().reservedBytes;
    scope(() => tensor(new Float32Array(reserved / 4)));
    expect(memoryStats().reservedBytes).toBeGreaterThan(reserved);
    data[0] = 9;
    expect(w.data).toBe(data);
    expect(scope(() => add(w, 0)).toArray()[0]).toBe(9);
  });

  it("assign writes a buffer in place and refuses a value", () => {
    const b = buffer(tensor([1, 2]));
    const { data } = b;
    assign(b, tensor([3, 4]));
    expect([...data]).toEqual([3, 4]);
    expect(() => assign(tensor([1]), tensor([2]))).toThrow("assign: the target is a value. Only parameters and buffers are written in place");
    expect(() => assign(b, tensor([1]))).toThrow("assign: the target has shape [2], the value [1]. They must be equal.");
    expect(() => assign(b, tensor([1, 2], { dtype: "i32" }))).toThrow("assign: the target is f32, the value i32.");
  });

  it("the gradient is one array for life; null makes the next sweep write instead of add", () => {
    const w = parameter([3], { name: "w" });
    const step = () => scope(() => backward(sum(mul(w, w))));
    step();
    const { grad: first } = w;
    step();
    expect([...w.grad!]).toEqual([12]); // micro-batches in separate scopes add up
    w.grad = null;
    step();
    expect(w.grad).toBe(first);
    expect([...w.grad!]).toEqual([6]);
  });
});

describe("rule 5: the sweep has a scope of its own and frees as it goes", () => {
  it("leaves no block behind, outside scopes too, and logits stay readable", () => {
    const { w1, loss } = makeStep();
    backward(loss()); // the first sweep makes the gradients' pinned arrays
    const before = blocks();
    backward(loss());
    expect(blocks()).toBe(before);
    scope(() => {
      const logits = matmul(tensor([[1, 2, 3, 4]]), w1);
      const values = logits.toArray();
      backward(sum(logits));
      expect([...logits.toArray()]).toEqual([...values]);
    });
  });

  it("does not keep the gradients of a deep chain: the peak stays at a few blocks above the forward pass", () => {
    const w = parameter(new Float32Array(4096), { name: "w" });
    scope(() => backward(sum(mul(w, 1))));
    const peak = scope(() => {
      let x = mul(w, 1);
      for (let i = 0; i < 50; i++) x = add(x, w);
      const loss = sum(x);
      const forward = memoryStats().liveBytes;
      resetPeakMemory();
      backward(loss);
      return memoryStats().peakBytes - forward;
    });
    expect(peak).toBeLessThan(4 * 16384); // one gradient is 16 KiB; all of them would be 50
  });

  it("what layers drop is freed as soon as nothing needs it", () => {
    const w = parameter(new Float32Array(4096).fill(0.1), { name: "w" });
    scope(() => backward(sum(mul(w, 1))));
    scope(() => {
      const before = memoryStats().liveBytes;
      let x: Tensor = mul(w, 1);
      for (let i = 0; i < 20; i++) {
        const next = add(x, w); // saves nothing: its input can go at once
        drop(x);
        x = next;
      }
      expect(memoryStats().liveBytes - before).toBe(16384 + 64); // x, and the number 1, which mul's derivative will read
      const y = exp(x); // saved by its own derivative
      const z = mul(y, 2);
      drop(y);
      expect(Number.isFinite(y.toArray()[0])).toBe(true);
      backward(sum(z));
      expect(() => y.toArray()).toThrow("exp: the result of exp was handed on by a layer and freed when nothing needed it any more.");
    });
    expect(w.grad!.every(Number.isFinite)).toBe(true);
  });

  it("a long scope does not remember what was freed in it", () => {
    scope(() => {
      let x = tensor([1]);
      const step = (): void => {
        const next = add(x, 1);
        drop(x);
        x = next;
      };
      for (let i = 0; i < 1_000; i++) step();
      globalThis.gc!();
      const before = { blocks: blocks(), heap: process.memoryUsage().heapUsed };
      for (let i = 0; i < 50_000; i++) step();
      globalThis.gc!();
      expect(blocks()).toBe(before.blocks);
      expect(process.memoryUsage().heapUsed - before.heap).toBeLessThan(2 ** 20); // 50,000 storages would be 10 MiB and more
    });
  });

  it("a gradient that add hands to both inputs is not written through either of them", () => {
    // Both branches accumulate once more: writing in place into the shared gradient would change the other branch.
    const a = parameter([1], { name: "a" });
    const b = parameter([1], { name: "b" });
    const x = mul(a, 2);
    const y = mul(b, 3);
    const total = add(add(x, y), add(mul(x, 10), mul(y, 100)));
    backward(sum(total));
    expect([a.grad![0], b.grad![0]]).toEqual([22, 303]);
  });
});

describe("rule 6: views share storage", () => {
  it("a returned view brings its part at the top, its block to a parent; a view and its base stay one storage", () => {
    const top = scope(() => rows(tensor([[1, 2], [3, 4], [5, 6]]), 1, 2));
    expect(top.storage).toMatchObject({ place: "heap", length: 2 });
    expect([...top.toArray()]).toEqual([3, 4]);
    scope(() => {
      const inner = scope(() => rows(tensor([[1, 2], [3, 4]]), 1, 2));
      expect(inner.storage).toMatchObject({ place: "block", length: 4 });
    });
    const both = scope(() => { const base = tensor([[1, 2], [3, 4]]); return [base, rows(base, 0, 1)] as const; });
    expect(both[0].storage).toBe(both[1].storage);
    expect([...both[1].toArray()]).toEqual([1, 2]);
  });

  it("a view of an outside tensor stays valid", () => {
    const base = tensor([1, 2, 3, 4]);
    const view = scope(() => reshape(base, [2, 2]));
    expect([...transpose(view).toArray()]).toEqual([1, 3, 2, 4]);
  });
});

describe("rule 7: arrays are copied in", () => {
  it("a tensor does not change with the array that it was made from", () => {
    const batch = Float32Array.of(1, 2);
    const t = tensor(batch);
    batch[0] = 9;
    expect([...t.toArray()]).toEqual([1, 2]);
  });

  it("a heap tensor is copied into a scope once, however often it is used", () => {
    const x = tensor([1, 2]);
    scope(() => {
      const before = blocks();
      const y = mul(x, x);
      expect(blocks()).toBe(before + 2); // the copy and the result
      mul(y, x);
      scope(() => mul(x, x).toArray());
      expect(blocks()).toBe(before + 3);
    });
  });
});

describe("rule 8: exceptions close what they leave; scopes are synchronous and close in order", () => {
  it("an exception frees all scopes that it leaves and restores recording", () => {
    const before = blocks();
    const w = parameter([1], { name: "w" });
    const pinned = blocks();
    expect(() => scope(() => scope(() => noGrad(() => { tensor([1]); throw new Error("stop"); })))).toThrow("stop");
    expect(blocks()).toBe(pinned);
    expect(pinned).toBe(before + 1);
    expect(mul(w, 1).isTracked).toBe(true);
  });

  it("a promise or an iterator as result is refused, and the scope is closed", async () => {
    const before = blocks();
    let pending: Promise<void> | undefined;
    expect(() => scope(() => (pending = (async () => { tensor([1]); })()))).toThrow("scope: the function returned a promise. Scopes are synchronous");
    await pending;
    expect(() => scope(function* () { yield tensor([1]); })).toThrow("scope: the function returned an iterator");
    expect(() => noGrad(async () => {})).toThrow("noGrad was given an asynchronous function");
    expect(blocks()).toBe(before);
  });

  it("a scope held over an await is detected at the next tensor", async () => {
    const held = scope();
    await Promise.resolve();
    expect(() => tensor([1])).toThrow("scope: a scope was held open over an await, and tensor would put its result into it.");
    held.close();
    expect(tensor([1]).item()).toBe(1);
  });

  it("closing out of order throws; closing twice does nothing", () => {
    const outer = scope();
    const inner = scope();
    expect(() => outer.close()).toThrow("scope: scopes are closed in the wrong order: an inner one is still open.");
    inner.close();
    inner.close();
    outer.close();
    expect(() => scope(() => { scope(); })).toThrow("scope: an inner scope is still open at the end of an outer one.");
    expect(tensor([1]).storage.place).toBe("heap");
  });

  it("cyclic and very deep results are refused, and nothing leaks", () => {
    const before = blocks();
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => scope(() => { tensor([1]); return cycle; })).toThrow("scope: the result contains itself.");
    let deep: unknown = tensor([1]);
    for (let i = 0; i < 9; i++) deep = [deep];
    expect(() => scope(() => { tensor([1]); return deep; })).toThrow("scope: the result is nested deeper than 8.");
    expect(blocks()).toBe(before);
  });

  it("an object can name the tensors it holds", () => {
    const state = scope(() => {
      const hidden = tensor([4]);
      return new Map([["h", hidden]]) as Map<string, Tensor> & { [key: symbol]: () => Iterable<Tensor> };
    });
    expect(() => state.get("h")!.item()).toThrow(released);
    const named = scope(() => {
      const map = new Map([["h", tensor([4])]]);
      return Object.assign(map, { [Symbol.for("llr.tensors")]: () => map.values() });
    });
    expect(named.get("h")!.item()).toBe(4);
  });
});

describe("rule 9: touching a released tensor throws, naming the op and the cure", () => {
  it.each([
    ["an op", (t: Tensor) => add(t, 1)], ["item", (t: Tensor) => t.item()], ["toArray", (t: Tensor) => t.toArray()], ["detach", (t: Tensor) => t.detach()],
    ["keep", (t: Tensor) => keep(t)], ["a view", (t: Tensor) => reshape(t, [1, 1])], ["a scope's result", (t: Tensor) => scope(() => t)], ["backward", (t: Tensor) => backward(t)],
  ])("%s", (_, touch) => {
    let gone!: Tensor;
    const before = blocks();
    scope(() => { gone = exp(tensor([1])); });
    expect(() => touch(gone)).toThrow("exp: the result of exp was freed when its scope ended. Return it from the scope, or keep() it.");
    expect(() => touch(gone)).toThrowError(expect.objectContaining({ code: "LLR_RELEASED", op: "exp" }));
    expect(blocks()).toBe(before);
    expect(String(gone)).toBe("Tensor f32 [1] (released)");
  });
});

describe("rule 10: pinned memory of models nobody holds comes back", () => {
  it("after a collection and a turn of the event loop", async () => {
    const before = memoryStats().liveBytes;
    const make = () => { parameter(new Float32Array(1 << 18), { name: "w" }); };
    for (let i = 0; i < 20; i++) make();
    expect(memoryStats().liveBytes - before).toBe(20 * 2 ** 20);
    for (let turn = 0; turn < 20 && memoryStats().liveBytes > before; turn++) {
      globalThis.gc!();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(memoryStats().liveBytes - before).toBeLessThan(4 * 2 ** 20);
  });
});

describe("any program gives the same bits with and without scopes", () => {
  it("random programs of nested scopes, drops and views", () => {
    // A program is a list of choices; each op combines earlier values of the same shape [2, 3].
    const op = fc.record({ kind: fc.constantFrom("add", "mul", "sub", "exp", "view", "reluSum"), i: fc.nat(), j: fc.nat(), scoped: fc.boolean() });
    fc.assert(
      fc.property(fc.array(op, { minLength: 1, maxLength: 20 }), fc.integer({ min: 0, max: 1e6 }), (program, seed) => {
        const rng = new Rng(seed).stream("program");
        const start = Float64Array.from({ length: 6 }, () => rng.uniform(-0.3, 0.3));
        const evaluate = (useScopes: boolean) => {
          const w = parameter(start.slice(), { name: "w", shape: [2, 3] });
          const run = () => {
            const values: Tensor[] = [w];
            for (const { kind, i, j, scoped } of program) {
              const [a, b] = [values[i % values.length]!, values[j % values.length]!];
              const compute = (): Tensor => {
                if (kind === "add") return add(a, b);
                if (kind === "mul") return mul(mul(a, b), 0.5);
                if (kind === "sub") return sub(a, b);
                if (kind === "exp") return mul(exp(mul(a, 0.1)), 0.5);
                if (kind === "view") return reshape(reshape(a, [6]), [2, 3]);
                return add(relu(a), sum(b));
              };
              // Inside an extra scope the history of the value ends: such values are constants in both runs.
              values.push(useScopes && scoped ? scope(() => compute()) : scoped ? compute().detach() : compute());
            }
            const loss = sum(values.at(-1)!);
            if (!loss.isTracked) return [loss.item()];
            const [fresh] = grad(loss, [w], { keepHistory: true });
            const expected = [...fresh!.toArray()];
            backward(loss);
            expect([...w.grad!]).toEqual(expected); // in-place accumulation against the out-of-place one
            return [loss.item(), ...w.grad!];
          };
          return useScopes ? scope(run) : run();
        };
        expect(evaluate(true)).toEqual(evaluate(false));
      }),
      { numRuns: 200 },
    );
  });
});
