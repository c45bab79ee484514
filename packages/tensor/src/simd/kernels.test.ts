import { describe, expect, it } from "vitest";
import { conformance, homesAgree } from "../conformance.ts";
import type { Primitive } from "../index.ts";
import { apply, describeBackend, relu, reluOp, setArithmetic, tensor, withKernels } from "../index.ts";
import { sharedMemory } from "../memory.ts";
import { kernels } from "./kernels.ts";

/** x + 1, with a record of which home ran it. */
function counting(): { op: Primitive<{ decline?: boolean }>; ran: string[] } {
  const ran: string[] = [];
  const op: Primitive<{ decline?: boolean }> = {
    kind: "primitive", name: "next", saves: [], nan: "propagates", shape: ([x]) => x,
    reference: (out, [x]) => { ran.push("reference"); for (let i = 0; i < out.length; i++) out[i] = x[i] + 1; },
    simd: (out, [x], { attrs: { decline } }) => { ran.push("simd"); if (decline) return false; kernels().reluMap(out, x, 0, 3); return; },
    derivative: { refuse: "not needed here" },
  };
  return { op, ran };
}

describe("the choice of a home", () => {
  it("simd runs f32, the reference f64, and withKernels asks for the reference", () => {
    const { op, ran } = counting();
    apply(op, [tensor([1, 2, 3])], {});
    apply(op, [tensor([1, 2, 3], { dtype: "f64" })], {});
    withKernels("reference", () => apply(op, [tensor([1, 2, 3])], {}));
    withKernels("reference", () => withKernels("simd", () => apply(op, [tensor([1, 2, 3])], {})));
    expect(ran).toEqual(["simd", "reference", "reference", "simd"]);
  });

  it("what simd declines the reference runs", () => {
    const { op, ran } = counting();
    expect([...apply(op, [tensor([1, 2, 3])], { decline: true }).toArray()]).toEqual([2, 3, 4]);
    expect(ran).toEqual(["simd", "reference"]);
  });

  it("withKernels restores what was chosen, also after an exception, and refuses a promise", () => {
    expect(() => withKernels("reference", () => { throw new Error("stop"); })).toThrow("stop");
    expect(() => withKernels("reference", () => Promise.resolve(1))).toThrow("withKernels was given an asynchronous function.");
    expect(describeBackend().home).toBe("simd");
  });
});

describe("setArithmetic", () => {
  it("is refused once kernels have run, with both choices", () => {
    relu(tensor([1]));
    expect(() => setArithmetic("portable")).toThrow("setArithmetic: kernels with detected arithmetic have already run, and results would mix with portable ones. Call it before the first op.");
    setArithmetic("detected"); // as it is: nothing to refuse
    expect(() => setArithmetic("fast" as never)).toThrow('the choice is fast. It is "detected" or "portable".');
  });
});

it("relu agrees with the reference for every length of tail", () => {
  homesAgree(reluOp, [0, 1, 2, 3, 4, 5, 6, 7, 8, 127, 1000].map((n) => ({ inputs: [{ shape: [n] }], attrs: null })));
});

describe("conformance of simd kernels", () => {
  const cases = [{ inputs: [{ shape: [13] }], attrs: null }];
  const wrong = (simd: Primitive<null>["simd"]) => () => conformance({ ...reluOp, simd } as Primitive<null>, cases);

  it("passes a right one", () => conformance(reluOp, cases));

  it.each<[string, Primitive<null>["simd"], string]>([
    ["that computes another function", (out, [x]) => kernels().reluMap(out, x + 4, 0, 13), "relu, case 0 ([13]): the output has "],
    ["that leaves an element out", (out, [x]) => kernels().reluMap(out, x, 0, 12), "the output has 7 as element 12 from the simd kernel"],
    ["that writes beyond its output", (out, [x]) => kernels().reluMap(out, x, 0, 14), "the simd kernel writes beside the output."],
    ["that writes an input", (out, [x]) => { kernels().reluMap(out, x, 0, 13); kernels().reluMap(x, x, 0, 13); }, "the simd kernel writes input 0."],
    ["that declines too late", (out, [x]) => { kernels().reluMap(out, x, 0, 13); return false; }, "the simd kernel declines after it has written."],
      ["that treats NaN in another way", (out, [x]) => { const [y, z] = [out, x].map((at) => new Float32Array(sharedMemory().buffer, at, 13)); z.forEach((v, i) => (y[i] = v > 0 ? v : 0)); }, "with NaN as element 0 of input 0, the output has 0 as element 0 from the simd kernel, NaN from the reference"],
  ])("finds one %s", (_, simd, message) => expect(wrong(simd)).toThrow(message));

});
