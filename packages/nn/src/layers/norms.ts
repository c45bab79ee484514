// Normalisation that does not depend on the batch: training and evaluation are the same.
import type { Parameter } from "@llr/autograd";
import { parameter } from "@llr/autograd";
import type { LocalResponseNormOptions, Shape, Tensor } from "@llr/tensor";
import { ArgumentError, groupNorm, instanceNorm, layerNorm, localResponseNorm, ones, rmsNorm, ShapeError, zeros } from "@llr/tensor";
import { Module } from "../module.ts";
import { checkEps, checkSizes, checkWeight } from "../sizes.ts";

export interface NormOptions {
  /** Added to the variance (or mean square). */
  readonly eps?: number;
  /** Whether there are a weight and a bias to learn. */
  readonly affine?: boolean;
  /** f64 is for checking gradients. Default f32. */
  readonly dtype?: "f32" | "f64";
}

const start = (shape: Shape, learned: boolean, fill: typeof ones, dtype: "f32" | "f64"): Parameter | null => (learned ? parameter(fill(shape, { dtype })) : null);

function check(layer: string, [[name, sizes]]: readonly (readonly [string, number | Shape])[], eps: number | undefined, dtype: "f32" | "f64"): void {
  checkSizes(layer, { [name]: sizes });
  checkEps(layer, eps);
  checkWeight(layer, [sizes].flat(), dtype);
}

const given = (eps: number | undefined): { eps?: number } => (eps === undefined ? {} : { eps });

/**
 * Layer normalisation over the last axes, those of `shape`. Weight 1 and bias 0 at the start, both of that shape; eps 1e-5.
 *
 * @example
 * import { LayerNorm } from "@llr/nn";
 * import { tensor } from "@llr/tensor";
 * new LayerNorm(2, { eps: 0 }).forward(tensor([[1, 3], [10, 30]])).toArray() // => [-1, 1, -1, 1]
 */
export class LayerNorm extends Module {
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  private readonly normalizedShape: Shape;
  private readonly eps: number;

  constructor(shape: number | Shape, { eps = 1e-5, affine = true, bias = true, dtype = "f32" }: NormOptions & { readonly bias?: boolean } = {}) {
    super();
    check("LayerNorm", [["shape", shape]], eps, dtype);
    this.normalizedShape = typeof shape === "number" ? [shape] : [...shape];
    this.weight = start(this.normalizedShape, affine, ones, dtype);
    this.bias = start(this.normalizedShape, affine && bias, zeros, dtype);
    this.eps = eps;
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, { weight: this.weight, bias: this.bias, eps: this.eps });
  }
}

/** Root mean square normalisation over the last axes, those of `shape`. Weight 1 at the start; eps as `rmsNorm` has it. */
export class RMSNorm extends Module {
  readonly weight: Parameter | null;
  private readonly normalizedShape: Shape;
  private readonly eps: number | undefined;

  constructor(shape: number | Shape, { eps, affine = true, dtype = "f32" }: NormOptions = {}) {
    super();
    check("RMSNorm", [["shape", shape]], eps, dtype);
    this.normalizedShape = typeof shape === "number" ? [shape] : [...shape];
    this.weight = start(this.normalizedShape, affine, ones, dtype);
    this.eps = eps;
  }

  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.normalizedShape, { weight: this.weight, ...given(this.eps) });
  }
}

/** Group normalisation of [batch, channels, ...]. Weight 1 and bias 0 at the start, [channels]; eps 1e-5. */
export class GroupNorm extends Module {
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  private readonly groups: number;
  private readonly eps: number;

  constructor(groups: number, channels: number, { eps = 1e-5, affine = true, dtype = "f32" }: NormOptions = {}) {
    super();
    checkSizes("GroupNorm", { groups });
    check("GroupNorm", [["channels", channels]], eps, dtype);
    if (channels % groups !== 0) throw new ShapeError("GroupNorm", `${channels} channels cannot be split into ${groups} groups. Use a number that divides them.`, [[channels]]);
    this.weight = start([channels], affine, ones, dtype);
    this.bias = start([channels], affine, zeros, dtype);
    this.groups = groups;
    this.eps = eps;
  }

  forward(x: Tensor): Tensor {
    return groupNorm(x, this.groups, { weight: this.weight, bias: this.bias, eps: this.eps });
  }
}

/**
 * Instance normalisation of [batch, channels, ...], of any number of axes. As PyTorch's layers, it learns no weight and bias
 * unless asked to (`affine`), and keeps no running statistics.
 */
export class InstanceNorm extends Module {
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  private readonly channels: number;
  private readonly eps: number;

  constructor(channels: number, { eps = 1e-5, affine = false, dtype = "f32" }: NormOptions = {}) {
    super();
    check("InstanceNorm", [["channels", channels]], eps, dtype);
    this.weight = start([channels], affine, ones, dtype);
    this.bias = start([channels], affine, zeros, dtype);
    this.channels = channels;
    this.eps = eps;
  }

  forward(x: Tensor): Tensor {
    if (x.shape[1] !== this.channels) throw new ShapeError("InstanceNorm", `the input is [${x.shape.join(", ")}]. It needs [batch, ${this.channels}, ...].`, [x.shape]);
    return instanceNorm(x, { weight: this.weight, bias: this.bias, eps: this.eps });
  }
}

/** Local response normalisation of [batch, channels, ...], as `localResponseNorm` says. */
export class LocalResponseNorm extends Module {
  private readonly options: LocalResponseNormOptions;

  constructor(size: number, options: Omit<LocalResponseNormOptions, "size"> = {}) {
    super();
    checkSizes("LocalResponseNorm", { size });
    for (const [name, value] of Object.entries(options)) if (!Number.isFinite(value)) throw new ArgumentError("LocalResponseNorm", `${name} is ${String(value)}. It must be a finite number.`);
    this.options = { ...options, size };
  }

  forward(x: Tensor): Tensor {
    return localResponseNorm(x, this.options);
  }
}
