import type { Parameter } from "@llr/autograd";
import { parameter } from "@llr/autograd";
import type { HiddenState, LstmState, RecurrentOptions, RecurrentWeights, Rng, Shape, Tensor } from "@llr/tensor";
import { ArgumentError, buffer, gru, lstm, PinnedTensor, rnn, zeros } from "@llr/tensor";
import { sizeOf } from "@llr/tensor/engine";
import type { ForwardContext } from "../module.ts";
import { Module, replaceMethod } from "../module.ts";
import { checkRoom, checkSizes, drawingOptions } from "../sizes.ts";

export interface RecurrentLayerOptions {
  readonly rng: Rng;
  /** Whether there are biases to learn. Default true. */
  readonly bias?: boolean;
  /** Layers over each other. Default 1. */
  readonly layers?: number;
  /** Every layer runs both ways, and puts out twice as many numbers. Default false. */
  readonly bidirectional?: boolean;
  /** x and y are [batch, time, features] instead of [time, batch, features]. Default false. */
  readonly batchFirst?: boolean;
  /** Probability of dropping a number between layers, in training. Default 0. */
  readonly dropout?: number;
  /** f64 is for checking gradients. Default f32. */
  readonly dtype?: "f32" | "f64";
}

/** What a pass through a recurrent layer gives: what comes out at every step, and the state after the last one. */
export interface Unrolled<S> {
  readonly y: Tensor;
  readonly state: S;
}

/**
 * What RNN, GRU and LSTM have in common. Parameters have PyTorch's names: weight_ih_l0 [gates hidden, features],
 * weight_hh_l0 [gates hidden, hidden], bias_ih_l0 and bias_hh_l0 [gates hidden], the same with l1, l2, ... for later layers,
 * and with _reverse for the way back. All start uniform in +-1/sqrt(hidden).
 */
export abstract class Recurrent<S extends HiddenState> extends Module {
  readonly features: number;
  readonly hidden: number;
  protected readonly options: Required<Omit<RecurrentLayerOptions, "rng" | "bias">>;
  private readonly named: readonly (readonly [string, Parameter])[];
  private readonly weights: readonly RecurrentWeights[];

  protected constructor(name: string, gates: number, features: number, hidden: number, options: RecurrentLayerOptions) {
    super();
    const { rng, bias = true, layers = 1, bidirectional = false, batchFirst = false, dropout = 0, dtype = "f32" } = drawingOptions(name, options);
    checkSizes(name, { features, hidden, layers });
    if (!(dropout >= 0 && dropout <= 1)) throw new ArgumentError(name, `dropout is ${dropout}. It must lie in [0, 1]: the probability with which a number is dropped.`);
    this.features = features;
    this.hidden = hidden;
    this.options = { layers, bidirectional, batchFirst, dropout, dtype };
    const count = layers * (bidirectional ? 2 : 1);
    checkRoom(name, { numbers: gates * hidden * (features + hidden + (count - 1) * 2 * hidden), parameters: count * 4, dtype });
    const bound = 1 / Math.sqrt(hidden);
    const uniform = (shape: readonly number[]): Parameter => {
      const size = shape.reduce((a, b) => a * b, 1);
      const data = dtype === "f64" ? new Float64Array(size) : new Float32Array(size);
      rng.fillUniform(data, -bound, bound);
      return parameter({ shape, data });
    };
    const named: (readonly [string, Parameter])[] = [];
    const learned = (name: string, shape: readonly number[]): Parameter => {
      const made = uniform(shape);
      named.push([name, made]);
      return made;
    };
    const directions = bidirectional ? ["", "_reverse"] : [""];
    const rows = gates * hidden;
    const none = bias ? null : buffer(zeros([rows], { dtype }));
    this.weights = Array.from({ length: layers * directions.length }, (_, i) => {
      const layer = Math.floor(i / directions.length);
      const place = `l${layer}${directions[i % directions.length]}`;
      return {
        wIh: learned(`weight_ih_${place}`, [rows, layer === 0 ? features : hidden * directions.length]), wHh: learned(`weight_hh_${place}`, [rows, hidden]),
        bIh: none ?? learned(`bias_ih_${place}`, [rows]), bHh: none ?? learned(`bias_hh_${place}`, [rows]),
      };
    });
    this.named = named;
  }

  /** What comes out at every step, [time, batch, directions hidden], from a state of zeros. */
  forward(x: Tensor, context: ForwardContext = {}): Tensor {
    return this.unroll(x, null, context).y;
  }

  /**
   * Goes through the sequence from a state, and gives the state after it. Returned from a scope, or detached, that is the
   * start of the next piece of the same sequence.
   *
   * @param x [time, batch, features], or [batch, time, features] with batchFirst
   * @param state tensors [layers x directions, batch, hidden]; null for zeros
   */
  unroll(x: Tensor, state: S | null, { training = false, rng }: ForwardContext = {}): Unrolled<S> {
    const { bidirectional, batchFirst, dropout: p } = this.options;
    return this.run(x, state ?? this.zeroState(x.shape[batchFirst ? 0 : 1] ?? 0), this.weights, { bidirectional, batchFirst, dropout: { p, training, rng } });
  }

  /** Of the products with both weights, at every step of every layer and direction. */
  override multiplyAdds(input: Shape): number {
    const steps = sizeOf(input) / this.features;
    return steps * this.weights.reduce((n, { wIh, wHh }) => n + wIh.size + wHh.size, 0);
  }

  /** `forward` goes through `unroll`. */
  override watch(onPass: (input: Shape, output: Shape) => void): () => void {
    const { unroll } = this;
    return replaceMethod(this, "unroll", (x: Tensor, state: S | null, context?: ForwardContext): Unrolled<S> => {
      const unrolled = unroll.call(this, x, state, context);
      onPass(x.shape, unrolled.y.shape);
      return unrolled;
    });
  }

  /** The zeros that stand for biases are nobody's parameter. */
  override release(): void {
    super.release();
    for (const { bIh } of this.weights) if (bIh instanceof PinnedTensor) bIh.release();
  }

  /** The state before anything was read. */
  abstract zeroState(batch: number): S;

  /** The same numbers without history: where back-propagation through time is cut. */
  abstract detached(state: S): S;

  protected abstract run(x: Tensor, start: S, weights: readonly RecurrentWeights[], options: RecurrentOptions): Unrolled<S>;

  protected zeroPart(batch: number): Tensor {
    const { layers, bidirectional, dtype } = this.options;
    return zeros([layers * (bidirectional ? 2 : 1), batch, this.hidden], { dtype });
  }

  protected override members(): Iterable<readonly [string, unknown]> {
    return this.named;
  }
}

/** RNN and GRU: the state is h alone. */
abstract class OfHidden extends Recurrent<HiddenState> {
  zeroState(batch: number): HiddenState {
    return { h: this.zeroPart(batch) };
  }

  detached({ h }: HiddenState): HiddenState {
    return { h: h.detach() };
  }
}

/**
 * Plain recurrent layers with tanh: h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh). See `Recurrent` for parameters and
 * shapes, and `rnn` of @llr/tensor for the formula.
 *
 * @example
 * import { RNN } from "@llr/nn";
 * import { Rng, zeros } from "@llr/tensor";
 * const layer = new RNN(3, 5, { rng: new Rng(1), bidirectional: true });
 * layer.forward(zeros([7, 2, 3])).shape // => [7, 2, 10]
 * layer.parameters().length // => 8
 */
export class RNN extends OfHidden {
  constructor(features: number, hidden: number, options: RecurrentLayerOptions) {
    super("RNN", 1, features, hidden, options);
  }

  protected run(x: Tensor, start: HiddenState, weights: readonly RecurrentWeights[], options: RecurrentOptions): Unrolled<HiddenState> {
    const { y, h } = rnn(x, start, weights, options);
    return { y, state: { h } };
  }
}

/**
 * Gated recurrent units, gates r, z, n. See `Recurrent` for parameters and shapes, and `gru` of @llr/tensor for the formula.
 *
 * @example
 * import { GRU } from "@llr/nn";
 * import { Rng, zeros } from "@llr/tensor";
 * const layer = new GRU(3, 5, { rng: new Rng(1) });
 * const { y, state } = layer.unroll(zeros([7, 2, 3]), null);
 * [y.shape, state.h.shape] // => [[7, 2, 5], [1, 2, 5]]
 */
export class GRU extends OfHidden {
  constructor(features: number, hidden: number, options: RecurrentLayerOptions) {
    super("GRU", 3, features, hidden, options);
  }

  protected run(x: Tensor, start: HiddenState, weights: readonly RecurrentWeights[], options: RecurrentOptions): Unrolled<HiddenState> {
    const { y, h } = gru(x, start, weights, options);
    return { y, state: { h } };
  }
}

/**
 * Long short-term memory, gates i, f, g, o. See `Recurrent` for parameters and shapes, and `lstm` of @llr/tensor for the
 * formula.
 *
 * @example
 * import { LSTM } from "@llr/nn";
 * import { Rng, zeros } from "@llr/tensor";
 * const layer = new LSTM(3, 5, { rng: new Rng(1), layers: 2, dropout: 0.3 });
 * const { y, state } = layer.unroll(zeros([7, 2, 3]), null, { training: true, rng: new Rng(2) });
 * [y.shape, state.c.shape] // => [[7, 2, 5], [2, 2, 5]]
 * layer.parameters()[4].name // => "weight_ih_l1"
 */
export class LSTM extends Recurrent<LstmState> {
  constructor(features: number, hidden: number, options: RecurrentLayerOptions) {
    super("LSTM", 4, features, hidden, options);
  }

  zeroState(batch: number): LstmState {
    return { h: this.zeroPart(batch), c: this.zeroPart(batch) };
  }

  detached({ h, c }: LstmState): LstmState {
    return { h: h.detach(), c: c.detach() };
  }

  protected run(x: Tensor, start: LstmState, weights: readonly RecurrentWeights[], options: RecurrentOptions): Unrolled<LstmState> {
    const { y, h, c } = lstm(x, start, weights, options);
    return { y, state: { h, c } };
  }
}
