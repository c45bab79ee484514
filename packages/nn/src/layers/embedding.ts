import type { Parameter } from "@llr/autograd";
import { parameter } from "@llr/autograd";
import type { Rng, Tensor } from "@llr/tensor";
import { ArgumentError, embedding } from "@llr/tensor";
import { describe } from "@llr/tensor/engine";
import { Module } from "../module.ts";
import { checkSizes, checkWeight, drawingOptions } from "../sizes.ts";

export interface EmbeddingOptions {
  readonly rng: Rng;
  /** Token that stands for nothing: its row starts at zero and is never trained. */
  readonly paddingIdx?: number;
  /** f64 is for checking gradients. Default f32. */
  readonly dtype?: "f32" | "f64";
}

/**
 * A row of numbers for each token. Rows start from the standard normal distribution, PyTorch's default.
 *
 * Shapes: weight [tokens, features]; tokens i32 of any shape, y [...tokens.shape, features].
 *
 * @throws ArgumentError for a token outside the table, or a paddingIdx outside it
 * @example
 * import { Embedding } from "@llr/nn";
 * import { Rng, tensor } from "@llr/tensor";
 * const layer = new Embedding(1000, 8, { rng: new Rng(1), paddingIdx: 0 });
 * layer.forward(tensor(Int32Array.of(0, 7, 999, 0), [2, 2])).shape // => [2, 2, 8]
 * layer.forward(tensor(Int32Array.of(0))).toArray() // => [0, 0, 0, 0, 0, 0, 0, 0]
 */
export class Embedding extends Module {
  readonly weight: Parameter;
  readonly paddingIdx: number | null;

  constructor(tokens: number, features: number, options: EmbeddingOptions) {
    super();
    const { rng, paddingIdx, dtype = "f32" } = drawingOptions("Embedding", options);
    checkSizes("Embedding", { tokens, features });
    const shape = [tokens, features];
    checkWeight("Embedding", shape, dtype);
    if (paddingIdx !== undefined && !(Number.isInteger(paddingIdx) && paddingIdx >= -tokens && paddingIdx < tokens)) throw new ArgumentError("Embedding", `paddingIdx is ${describe(paddingIdx)}. It must be a whole number in [${-tokens}, ${tokens}): a row of the table.`);
    const data = dtype === "f64" ? new Float64Array(tokens * features) : new Float32Array(tokens * features);
    rng.fillNormal(data);
    if (paddingIdx !== undefined) data.fill(0, paddingIdx * features, (paddingIdx + 1) * features || data.length);
    this.weight = parameter({ shape, data });
    this.paddingIdx = paddingIdx ?? null;
  }

  forward(tokens: Tensor): Tensor {
    return embedding(this.weight, tokens, { paddingIdx: this.paddingIdx });
  }
}
