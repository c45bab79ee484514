import { ArgumentError, Rng } from "@llr/tensor";
import { expect, it } from "vitest";
import { alexNetBN32, caffeLeNet, Conv2d, denseNet, Embedding, gruLanguageModel, leNet5, Linear, LSTM, lstmLanguageModel, mlp, resNetCifar } from "./index.ts";

const makers: readonly [string, (options: never) => unknown][] = [
  ["Linear", (o) => new Linear(1, 1, o)],
  ["Embedding", (o) => new Embedding(1, 1, o)],
  ["Conv2d", (o) => new Conv2d(1, 1, 1, o)],
  ["LSTM", (o) => new LSTM(1, 1, o)],
  ["mlp", (o) => mlp([1, 1], o)],
  ["leNet5", leNet5],
  ["caffeLeNet", caffeLeNet],
  ["alexNetBN32", alexNetBN32],
  ["denseNet", denseNet],
  ["resNetCifar", resNetCifar],
  ["languageModel", lstmLanguageModel],
];

it.each(makers)("%s without options, or without a generator in them, is refused by its name", (name, make) => {
  for (const options of [undefined, null, 5]) expect(() => make(options as never)).toThrow(`${name}: its options are ${options}`);
  for (const options of [{}, { rng: 5 }]) expect(() => make(options as never)).toThrow(ArgumentError);
  expect(() => make({ rng: 5 } as never)).toThrow(`${name}: rng is 5`);
});

it("a language model without tokens or hidden names what is missing", () => {
  const rng = new Rng(1);
  expect(() => lstmLanguageModel({ hidden: 4, rng } as never)).toThrow("languageModel: tokens is undefined");
  expect(() => gruLanguageModel({ tokens: 4, rng } as never)).toThrow("languageModel: hidden is undefined");
});
