import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conformance } from "../../conformance.ts";
import { concat, flip, ones, pad, type PadMode, padOp, slice, tensor, unpadOp } from "../../index.ts";

const numbers = (t: { toArray(): ArrayLike<number> }) => Array.from(t.toArray());
const modes: PadMode[] = ["constant", "reflect", "replicate", "circular"];

describe("pad", () => {
  it("pad and unpad are complete in every mode: both sides, neither, several axes, fewer entries than before", () => {
    for (const mode of modes) {
      const cases: { shape: number[]; pads: [number, number][] }[] = [
        { shape: [4], pads: [[2, 3]] }, { shape: [3, 2], pads: [[1, 0], [0, 1]] }, { shape: [2, 3, 2], pads: [[0, 0], [2, 2], [1, 1]] }, { shape: [5], pads: [[-1, -2]] }, { shape: [4], pads: [[-1, 2]] }, { shape: [], pads: [] }, { shape: [0, 2], pads: [[0, 0], [1, 1]] },
      ];
      for (const { shape, pads } of cases) {
        const attrs = { pads, mode, value: 0.5 };
        conformance(padOp, [{ inputs: [{ shape }], attrs }]);
        conformance(unpadOp, [{ inputs: [{ shape: padOp.shape([shape], attrs) as number[] }], attrs: { ...attrs, shape } }]);
      }
    }
    conformance(padOp, [{ inputs: [{ shape: [0, 2] }], attrs: { pads: [[1, 1], [0, 0]], mode: "constant", value: 2 } }]);
  });

  it("adds what the pieces joined by hand give", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(5), fc.nat(5), (n, b, a) => {
        const x = tensor(Float32Array.from({ length: n }, (_, i) => i + 1));
        const part = (start: number, end: number) => slice(x, { starts: [start], ends: [end] });
        const padded = (mode: PadMode, before: number, after: number) => numbers(pad(x, { pads: [[before, after]], mode, value: -1 }));
        expect(padded("constant", b, a)).toEqual([...Array<number>(b).fill(-1), ...numbers(x), ...Array<number>(a).fill(-1)]);
        expect(padded("replicate", b, a)).toEqual([...Array<number>(b).fill(1), ...numbers(x), ...Array<number>(a).fill(n)]);
        const [c, d] = [Math.min(a, n), Math.min(b, n)];
        expect(padded("circular", d, c)).toEqual(numbers(concat([part(n - d, n), x, part(0, c)])));
        const [e, f] = [Math.min(a, n - 1), Math.min(b, n - 1)];
        expect(padded("reflect", f, e)).toEqual(numbers(concat([flip(part(1, f + 1)), x, flip(part(n - 1 - e, n - 1))])));
      }),
    );
  });

  it("pads axis after axis: corners come from corners", () => {
    const x = tensor([[1, 2], [3, 4]]);
    expect(numbers(pad(x, { pads: [[1, 0], [1, 0]], mode: "reflect" }))).toEqual([4, 3, 4, 2, 1, 2, 4, 3, 4]);
    expect(numbers(pad(x, { pads: [[1, 0], [1, 0]], mode: "replicate" }))).toEqual([1, 1, 2, 1, 1, 2, 3, 3, 4]);
    expect(pad(tensor(Int32Array.of(1)), { pads: [[1, 0]] })).toMatchObject({ dtype: "i32" });
  });

  it("refuses pairs that are missing or too large for the mode, and other modes", () => {
    expect(() => pad(ones([2, 3]), { pads: [[1, 1]] })).toThrow('pad: pads [[1,1]] of [2, 3], mode "constant": 1 pairs for 2 axes. It needs a pair [before, after] for each axis.');
    expect(() => pad(ones([3]), { pads: [[3, 0]], mode: "reflect" })).toThrow("axis 0 has 3 entries, so at most 2 can be added on either side.");
    expect(() => pad(ones([3]), { pads: [[0, 4]], mode: "circular" })).toThrow("axis 0 has 3 entries, so at most 3 can be added on either side.");
    expect(() => pad(ones([0]), { pads: [[1, 0]], mode: "replicate" })).toThrow("axis 0 has 0 entries, so at most 0 can be added on either side.");
    expect(() => pad(ones([3]), { pads: [[-2, -2]] })).toThrow("axis 0 has only 3 entries to take away.");
    expect(() => pad(ones([3]), { pads: [[1.5, 0]] })).toThrow("pad: pads are [[1.5,0]]. It needs a pair of whole numbers");
    expect(() => pad(ones([3]), { pads: [[1, 0]], mode: "mirror" as PadMode })).toThrow('pad: the mode is "mirror". It must be one of constant, reflect, replicate, circular.');
  });
});
