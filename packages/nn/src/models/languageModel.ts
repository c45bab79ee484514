import type { Parameter } from "@llr/autograd";
import { parameter } from "@llr/autograd";
import type { HiddenState, LstmState, Shape, Tensor } from "@llr/tensor";
import { ArgumentError, drop, linear } from "@llr/tensor";
import { describe, sizeOf } from "@llr/tensor/engine";
import { Dropout } from "../layers/dropout.ts";
import { Embedding } from "../layers/embedding.ts";
import type { Recurrent, RecurrentLayerOptions } from "../layers/recurrent.ts";
import { GRU, LSTM, RNN } from "../layers/recurrent.ts";
import type { ForwardContext } from "../module.ts";
import { Module } from "../module.ts";
import { checkRoom, checkSizes, drawingOptions, requireSizes } from "../sizes.ts";
import type { ModelOptions } from "./leNet.ts";

export interface LanguageModelOptions extends ModelOptions {
  /** Number of different tokens. */
  readonly tokens: number;
  /** Numbers that stand for a token. Default: hidden. */
  readonly features?: number;
  readonly hidden: number;
  /** Recurrent layers. Default 1. */
  readonly layers?: number;
  /** Probability of dropping a number after the embedding, between recurrent layers and after them. Default 0. */
  readonly dropout?: number;
  /** The decoder's weight is the embedding's, which needs features = hidden. Default true if they are equal. */
  readonly tied?: boolean;
}

/** What a language model gives: scores for the token after each, and the state after the last one. */
export interface Prediction<S> {
  /** [time, batch, tokens] */
  readonly logits: Tensor;
  readonly state: S;
}

/** The last layer: logits of each token by a weight that may be the embedding's. */
class Decoder extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(weight: Parameter, tokens: number, dtype: "f32" | "f64") {
    super();
    this.weight = weight;
    this.bias = parameter({ shape: [tokens], data: dtype === "f64" ? new Float64Array(tokens) : new Float32Array(tokens) });
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  override multiplyAdds(_: Shape, output: Shape): number {
    return sizeOf(output) * this.weight.shape[1];
  }
}

/**
 * A recurrent net that predicts the next token: embedding, dropout, recurrent layers, dropout, decoder (Zaremba et al.
 * 2014; tied weights: Press and Wolf 2017, Inan et al. 2017). Embedding and decoder start uniform in +-0.1, the decoder's
 * bias at 0, as in PyTorch's example of word language models, whose parameter names these are; a tied weight is
 * encoder.weight.
 */
export class LanguageModel<S extends HiddenState> extends Module {
  readonly encoder: Embedding;
  readonly rnn: Recurrent<S>;
  readonly decoder: Decoder;
  private readonly dropout: Dropout;

  constructor(make: (features: number, hidden: number, options: RecurrentLayerOptions) => Recurrent<S>, options: LanguageModelOptions) {
    super();
    const { tokens, hidden, features = hidden, layers = 1, dropout = 0, tied = features === hidden, rng, dtype = "f32" } = drawingOptions("languageModel", options);
    requireSizes("languageModel", { tokens, hidden });
    if (tied && features !== hidden) throw new ArgumentError("languageModel", `features are ${features}, hidden is ${hidden}. A tied decoder needs them equal; leave features out, or set tied to false.`);
    checkSizes("languageModel", { tokens, features, hidden, layers });
    if (!(dropout >= 0 && dropout <= 1)) throw new ArgumentError("languageModel", `dropout is ${describe(dropout)}. It must lie in [0, 1]: the probability with which a number is dropped.`);
    checkRoom("languageModel", { numbers: tokens * (features + (tied ? 1 : hidden)) + 2 * layers * hidden ** 2, parameters: 3 + 4 * layers, dtype });
    this.encoder = new Embedding(tokens, features, { rng: rng.stream("encoder"), dtype });
    rng.stream("encoder").fillUniform(this.encoder.weight.data, -0.1, 0.1);
    this.rnn = make(features, hidden, { rng: rng.stream("rnn"), layers, dropout, dtype });
    this.decoder = new Decoder(tied ? this.encoder.weight : freshWeight(tokens, hidden, options), tokens, dtype);
    this.dropout = new Dropout(dropout);
  }

  /** Logits [time, batch, tokens] for tokens [time, batch], from a state of zeros. */
  forward(tokens: Tensor, context: ForwardContext = {}): Tensor {
    return this.predict(tokens, null, context).logits;
  }

  /**
   * Goes on from the state after the tokens before. The state that it returns is detached: gradients reach back to the
   * first of these tokens and no further (truncated back-propagation through time).
   *
   * @param tokens i32 [time, batch]
   * @param state of the last call; null at the start of a text
   */
  predict(tokens: Tensor, state: S | null, context: ForwardContext = {}): Prediction<S> {
    const embedded = this.encoder.forward(tokens);
    const input = this.dropout.forward(embedded, context);
    if (input !== embedded) drop(embedded);
    const { y, state: last } = this.rnn.unroll(input, state, context);
    drop(input);
    const output = this.dropout.forward(y, context);
    const logits = this.decoder.forward(output);
    drop(y);
    drop(output);
    return { logits, state: this.rnn.detached(last) };
  }
}

function freshWeight(tokens: number, hidden: number, { rng, dtype = "f32" }: ModelOptions): Parameter {
  const data = dtype === "f64" ? new Float64Array(tokens * hidden) : new Float32Array(tokens * hidden);
  rng.stream("decoder").fillUniform(data, -0.1, 0.1);
  return parameter({ shape: [tokens, hidden], data });
}

/**
 * A language model of LSTM layers; see {@link LanguageModel}.
 *
 * @throws ArgumentError for a tied decoder with features other than hidden
 * @example
 * import { lstmLanguageModel } from "@llr/nn";
 * import { Rng, tensor } from "@llr/tensor";
 * const model = lstmLanguageModel({ tokens: 50, hidden: 16, layers: 2, rng: new Rng(1) });
 * const { logits, state } = model.predict(tensor(Int32Array.of(1, 2, 3, 4, 5, 6), [3, 2]), null);
 * [logits.shape, state.c.shape] // => [[3, 2, 50], [2, 2, 16]]
 * model.layerNames() // => ["encoder", "rnn", "decoder"]
 */
export const lstmLanguageModel = (options: LanguageModelOptions): LanguageModel<LstmState> => new LanguageModel((features, hidden, more) => new LSTM(features, hidden, more), options);

/** The same with gated recurrent units. */
export const gruLanguageModel = (options: LanguageModelOptions): LanguageModel<HiddenState> => new LanguageModel((features, hidden, more) => new GRU(features, hidden, more), options);

/** The same with plain recurrent layers. */
export const rnnLanguageModel = (options: LanguageModelOptions): LanguageModel<HiddenState> => new LanguageModel((features, hidden, more) => new RNN(features, hidden, more), options);
