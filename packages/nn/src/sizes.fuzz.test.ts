// Numbers that make no sense, in every constructor: refused by a typed error, at once, before anything is drawn or allocated.
import { describe, expect, it } from "vitest";
import { memoryStats, Rng, zeros } from "@llr/tensor";
import { cases, FUZZ_SEED } from "../../../tools/fuzz.ts";
import * as nn from "./index.ts";

/** Throws when it is asked for anything: sizes are looked at first. */
class NoDraws extends Rng {
  override stream(): Rng { return this; }
  override fillUniform(): never { throw new Error("numbers were drawn"); }
  override fillNormal(): never { throw new Error("numbers were drawn"); }
}
const rng = new NoDraws(1);
const senseless = [NaN, Infinity, -Infinity, -1, 0.5, 1e300, 2 ** 60, 2 ** 53, "3", null, {}, [NaN], [-1], -(2 ** 40)] as never[];
/** Whole numbers, but more than memory has. */
const large = [2 ** 40, 2 ** 33, 2 ** 52] as never[];

type Make = (n: never) => unknown;
const sizes: Record<string, Make> = {
  "Linear in": (n) => new nn.Linear(n, 2, { rng }), "Linear out": (n) => new nn.Linear(2, n, { rng }),
  "Conv1d in": (n) => new nn.Conv1d(n, 2, 3, { rng }), "Conv1d out": (n) => new nn.Conv1d(2, n, 3, { rng }), "Conv1d kernel": (n) => new nn.Conv1d(2, 2, n, { rng }),
  "Conv2d in": (n) => new nn.Conv2d(n, 2, 3, { rng }), "Conv2d out": (n) => new nn.Conv2d(2, n, 3, { rng }), "Conv2d kernel": (n) => new nn.Conv2d(2, 2, n, { rng }), "Conv2d kernel width": (n) => new nn.Conv2d(2, 2, [3, n], { rng }),
  "Conv3d kernel": (n) => new nn.Conv3d(2, 2, n, { rng }), "ConvTranspose1d in": (n) => new nn.ConvTranspose1d(n, 2, 2, { rng }), "ConvTranspose2d out": (n) => new nn.ConvTranspose2d(2, n, 2, { rng }),
  "Embedding tokens": (n) => new nn.Embedding(n, 2, { rng }), "Embedding features": (n) => new nn.Embedding(2, n, { rng }),
  BatchNorm1d: (n) => new nn.BatchNorm1d(n), BatchNorm2d: (n) => new nn.BatchNorm2d(n), BatchNorm3d: (n) => new nn.BatchNorm3d(n),
  LayerNorm: (n) => new nn.LayerNorm(n), "LayerNorm of two axes": (n) => new nn.LayerNorm([2, n]), RMSNorm: (n) => new nn.RMSNorm(n), GroupNorm: (n) => new nn.GroupNorm(1, n), InstanceNorm: (n) => new nn.InstanceNorm(n, { affine: true }),
  "RNN features": (n) => new nn.RNN(n, 2, { rng }), "GRU hidden": (n) => new nn.GRU(2, n, { rng }), "LSTM layers": (n) => new nn.LSTM(2, 2, { rng, layers: n }),
  "mlp input": (n) => nn.mlp([n, 2], { rng }), "mlp output": (n) => nn.mlp([2, n], { rng }), "mlp hidden": (n) => nn.mlp([2, 3, n, 2], { rng }),
  "alexNetBN classes": (n) => nn.alexNetBN({ rng, classes: n }), "alexNetBN32 classes": (n) => nn.alexNetBN32({ rng, classes: n }), "resNet18 classes": (n) => nn.resNet18({ rng, classes: n }),
  "resNetCifar depth": (n) => nn.resNetCifar({ rng, depth: n }), "resNetCifar classes": (n) => nn.resNetCifar({ rng, depth: 8, classes: n }),
  "denseNet depth": (n) => nn.denseNet({ rng, depth: n, growth: 4 }), "denseNet growth": (n) => nn.denseNet({ rng, depth: 7, growth: n }), "denseNet classes": (n) => nn.denseNet({ rng, depth: 7, growth: 4, classes: n }),
  "language model tokens": (n) => nn.lstmLanguageModel({ rng, tokens: n, hidden: 2 }), "language model hidden": (n) => nn.gruLanguageModel({ rng, tokens: 3, hidden: n }), "language model layers": (n) => nn.rnnLanguageModel({ rng, tokens: 3, hidden: 2, layers: n }),
};
/** Numbers that say nothing of memory. */
const settings: Record<string, Make> = {
  "Conv2d stride": (n) => new nn.Conv2d(2, 2, 3, { rng, stride: n }), "Conv2d padding": (n) => new nn.Conv2d(2, 2, 3, { rng, padding: n }), "Conv2d dilation": (n) => new nn.Conv2d(2, 2, 3, { rng, dilation: n }), "Conv2d groups": (n) => new nn.Conv2d(2, 2, 3, { rng, groups: n }),
  "Embedding paddingIdx": (n) => new nn.Embedding(2, 2, { rng, paddingIdx: n }),
  "BatchNorm2d eps": (n) => new nn.BatchNorm2d(2, { eps: n }), "GroupNorm groups": (n) => new nn.GroupNorm(n, 2), "LocalResponseNorm size": (n) => new nn.LocalResponseNorm(n),
  "MaxPool2d kernel": (n) => new nn.MaxPool2d(n), "MaxPool1d stride": (n) => new nn.MaxPool1d(2, { stride: n }), "AvgPool2d padding": (n) => new nn.AvgPool2d(2, { padding: n }), "AvgPool1d kernel": (n) => new nn.AvgPool1d(n),
  AdaptiveAvgPool2d: (n) => new nn.AdaptiveAvgPool2d(n), AdaptiveMaxPool2d: (n) => new nn.AdaptiveMaxPool2d(n), UpsampleNearest2d: (n) => new nn.UpsampleNearest2d(n), Dropout: (n) => new nn.Dropout(n),
};
/** Sensible after all where they stand. */
const fine = new Set(["BatchNorm2d eps 0.5", "BatchNorm2d eps 1e+300", "BatchNorm2d eps 9007199254740992", "BatchNorm2d eps 1152921504606847000", "Embedding paddingIdx -1", "Dropout 0.5", "AdaptiveAvgPool2d null", "AdaptiveMaxPool2d null"]);

const refused = (make: Make, n: never, label: string) => {
  const { blocks } = memoryStats();
  let error: { code?: string; message?: string } = {};
  try {
    make(n);
    error.message = "taken";
  } catch (thrown) {
    error = thrown as Error;
  }
  expect(`${label}: ${error.code} ${error.message}`).toMatch(/: LLR_(ARGUMENT|SHAPE|MEMORY|DTYPE) /);
  expect(memoryStats().blocks).toBe(blocks);
};

describe("senseless sizes", () => {
  it.each(Object.keys(sizes))("%s", (label) => {
    for (const n of [...senseless, ...large]) refused(sizes[label], n, `${label} ${JSON.stringify(n)}`);
  });

  it.each(Object.keys(settings))("%s", (label) => {
    for (const n of senseless) if (!fine.has(`${label} ${String(n)}`)) refused(settings[label], n, `${label} ${String(n)}`);
  });

  it("any number, in any place, is refused before anything is drawn, or is a size that memory has", () => {
    const draw = new Rng(FUZZ_SEED).stream("sizes");
    const all = Object.entries(sizes);
    for (let i = 0, total = cases(2_000, 100_000); i < total; i++) {
      const [label, make] = all[draw.integer(all.length)];
      const n = (draw.uniform() < 0.5 ? -1 : 1) * 2 ** draw.uniform(-60, 1020) as never;
      try {
        make(draw.uniform() < 0.5 ? n : Math.round(n) as never);
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        expect(code === undefined ? message : code, `${label} ${String(n)}`).toMatch(/^LLR_(?!INTERNAL)|^numbers were drawn$/);
      }
    }
  });

  it("unknown element types, and initial values for shapes that are none", () => {
    for (const dtype of ["f16", "i32x", "toString", 4] as never[]) refused((d) => new nn.Linear(2, 2, { rng, dtype: d }), dtype, `Linear ${String(dtype)}`);
    for (const shape of [[2 ** 40, 2 ** 40], [1e300, 2], [-1, 2], [NaN, 2], [2]] as never[]) refused((s) => nn.kaimingNormal(s, { rng }), shape, `kaimingNormal ${String(shape)}`);
    expect(zeros([1]).item()).toBe(0);
  });
});
