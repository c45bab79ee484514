import { describe, expect, it } from "vitest";
import { DTypeError, full, less, maximum, minimum, pow, tensor, where } from "../../index.ts";

const i32 = (...x: number[]) => tensor(Int32Array.from(x));

describe("whole numbers", () => {
  it("have a larger and a smaller one, exactly, at the ends of their range too", () => {
    const [most, least] = [2 ** 31 - 1, -(2 ** 31)];
    expect(maximum(i32(most, least, 3), i32(most - 1, least + 1, -3)).toArray()).toEqual(Int32Array.of(most, least + 1, 3));
    expect(minimum(i32(most, least, 3), i32(most - 1, least + 1, -3)).toArray()).toEqual(Int32Array.of(most - 1, least, -3));
    expect(maximum(2, i32(1, 5)).dtype).toBe("i32");
    const flags = tensor([true, false]);
    expect([maximum(flags, tensor([false, false])).toArray(), minimum(flags, 1).toArray()]).toEqual([Uint8Array.of(1, 0), Uint8Array.of(1, 0)]);
    expect(() => maximum(i32(1), tensor([1]))).toThrow("maximum: inputs have the element types i32, f32. They must be equal");
  });

  it("have no powers, and say so", () => expect(() => pow(i32(2), i32(3))).toThrow("pow: inputs have the element types i32, i32"));

  it("beside them a number that they do not hold is refused, not cut", () => {
    // 2 < 2.5, but 2.5 cut to a whole number is 2.
    for (const fn of [() => less(i32(2), 2.5), () => maximum(i32(2), 2.5), () => where(tensor([true]), i32(2), NaN), () => full([2], 2 ** 31, { dtype: "i32" }), () => full([2], 7, { dtype: "bool" })])
      expect(fn).toThrow(DTypeError);
    expect(() => less(i32(2), 2.5)).toThrow("less: the number 2.5 at position 0 does not fit i32");
    expect(less(i32(2), 3).toArray()).toEqual(Uint8Array.of(1));
  });
});
