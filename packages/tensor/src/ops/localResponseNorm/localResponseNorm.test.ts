import { describe, expect, it } from "vitest";
import { conformance } from "../../conformance.ts";
import { localResponseNorm, localResponseNormOp, ones, tensor } from "../../index.ts";

describe("localResponseNorm", () => {
  it("is complete: kernels equal the definition and central differences, for even and odd windows", () => {
    for (const size of [1, 2, 3, 5, 9])
      conformance(localResponseNormOp, [[2, 4, 3], [1, 3, 2, 2], [3, 5, 1], [0, 2, 2], [1, 0, 2]].map((shape) => ({ inputs: [{ shape }], attrs: { size, alpha: 0.7, beta: 0.75, k: 1.5 } })));
  });

  it("an even window has one more channel before its own than after it", () => {
    const y = localResponseNorm(tensor([[[3], [4], [0]]]), { size: 2, alpha: 2, beta: 0.5, k: 0 });
    [1, 0.8, 0].forEach((v, i) => expect(y.toArray()[i]).toBeCloseTo(v, 6)); // 3 / 3, 4 / 5, 0 / 4
  });

  it("refuses windows that are no number of channels", () => {
    expect(() => localResponseNorm(ones([1, 2, 3]), { size: 0 })).toThrow("localResponseNorm: size is 0.");
    expect(() => localResponseNorm(ones([1, 2]), { size: 1 })).toThrow("localResponseNorm: the input is [1, 2]. It needs [batch, channels, ...pixels].");
  });
});
