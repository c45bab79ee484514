import { describe, expect, it } from "vitest";
import * as llr from "./index.ts";
import { ArgumentError, clip, conv2d, einsum, LlrError, lstm, maxPool2d, oneHot, pad, rnn, slice, softmax, sum, tensor, topk, zeros } from "./index.ts";

const x = tensor([[1, 2], [3, 4]]);
const none = undefined as never;

describe("a program without a compiler gets an error that names the function", () => {
  it.each<[string, () => unknown, string]>([
    ["no options", () => clip(x, none), "clip: its options are undefined"],
    ["no options, of a slice", () => slice(x, none), "slice: its options"],
    ["no options, of padding", () => pad(x, none), "pad: its options"],
    ["no options, of a window", () => maxPool2d(zeros([1, 1, 2, 2]), none), "maxPool2d: its options"],
    ["options without a kernel", () => maxPool2d(zeros([1, 1, 2, 2]), {} as never), "maxPool2d: kernel is undefined"],
    ["a number for the options", () => topk(x, 3 as never), "topk: its options are 3"],
    ["a number for the only option", () => oneHot(tensor(Int32Array.of(1)), 3 as never), "oneHot: its options are 3"],
    ["a list for the options", () => sum(x, [0] as never), "sum: its options are [0]"],
    ["null for options that have defaults", () => softmax(x, null as never), "softmax: its options are null"],
    ["null for options of a convolution", () => conv2d(x, x, null as never), "conv2d: its options are null"],
    ["no list", () => slice(x, { starts: 1, ends: [2] } as never), "slice: starts: 1. It needs an array"],
    ["no equation", () => einsum(none, [x]), "einsum: the equation is undefined"],
    ["no state", () => rnn(x, none, []), "rnn: its options are undefined"],
    ["a state without c", () => lstm(x, { h: x } as never, []), "lstm: it was given undefined"],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });

  const junk: readonly unknown[] = [undefined, null, 5, "x", {}, [], x, [x], [undefined]];
  const functions = Object.entries(llr).filter(([name, f]) => typeof f === "function" && /^[a-z]/.test(name) && !["scope", "setThreads", "poisonFreedBlocks"].includes(name));
  it.each(functions)("%s with any two arguments of nine that make no sense", (_, f) => {
    for (const args of [[], ...junk.map((a) => [a]), ...junk.flatMap((a) => [...junk.map((b) => [a, b]), [x, x, a], [x, a, []]])]) {
      try {
        void Promise.resolve((f as (...args: unknown[]) => unknown)(...args)).catch(() => {});
      } catch (error) {
        expect(error, JSON.stringify(args)).toBeInstanceOf(LlrError);
        expect((error as LlrError).code).not.toBe("LLR_INTERNAL");
      }
    }
  });
});
