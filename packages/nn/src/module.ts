import { Parameter } from "@llr/autograd";
import type { Rng, Shape, Tensor } from "@llr/tensor";
import { ArgumentError, assign, PinnedTensor, tensor } from "@llr/tensor";
import { setFrozen } from "./freezing.ts";
import { planLoad, pytorchBufferName, type Stored } from "./loadPlan.ts";
import type { LoadReport, LoadStateOptions, ModelState } from "./modelState.ts";
import { nameParameters, type Place } from "./parameterNames.ts";
import type { SavedArray } from "./safetensors/save.ts";

/** What a forward pass is told besides its input. There is no global training flag and no global generator. */
export interface ForwardContext {
  /** Whether layers that differ do what they do in training. Default false. */
  readonly training?: boolean;
  /** Source of randomness for layers that need it. */
  readonly rng?: Rng;
  /**
   * Whether a forward pass in training moves running statistics. Default true. False: a second pass over the same batch, for
   * a gradient at another point or a check by differences, leaves the model as it is.
   */
  readonly updateStatistics?: boolean;
}

/** A parameter with its place in the model that was asked. */
export interface NamedParameter {
  /** Path from that model, such as "conv1.weight". */
  readonly name: string;
  readonly parameter: Parameter;
  /** Path of the module that owns it, such as "conv1". */
  readonly layer: string;
  /** Place of that layer among those that own parameters: 0 next to the input. */
  readonly depth: number;
}

/** A module with its place in the model. */
export interface NamedModule {
  /** Path, such as "blocks.0.conv1"; "" for the model itself. */
  readonly name: string;
  readonly module: Module;
}

/** What a model carries along without learning it, such as running statistics. */
export interface NamedBuffer {
  readonly name: string;
  readonly buffer: PinnedTensor;
}

/**
 * Part of a model: parameters, buffers, other modules and a forward function. They are found among the object's properties,
 * in the order in which the constructor set them; that is the order of the layers, from input to output. An array of modules
 * names them by their places: "blocks.0.conv1.weight".
 *
 * @example
 * import { parameter } from "@llr/autograd";
 * import { Linear, Module, type ForwardContext } from "@llr/nn";
 * import { mul, Rng, type Tensor } from "@llr/tensor";
 * class Scaled extends Module {
 *   readonly fc = new Linear(3, 2, { rng: new Rng(1) });
 *   readonly scale = parameter([2]);
 *   forward(x: Tensor): Tensor { return mul(this.fc.forward(x), this.scale); }
 * }
 * new Scaled().parameters().map((p) => p.name) // => ["fc.weight", "fc.bias", "scale"]
 */
export abstract class Module {
  abstract forward(x: Tensor, context?: ForwardContext): Tensor;

  /**
   * All parameters from input to output, each once. Each gets its path as `name` ("conv1.weight") and the path of its
   * module as `layer` ("conv1"), which is what layer-wise rates go by. A part of a model that was asked before renames
   * nothing: `model.body.parameters()` keep their names in `model`, by which an optimizer knows them.
   *
   * @example
   * import { Linear, Sequential } from "@llr/nn";
   * import { Rng } from "@llr/tensor";
   * const body = new Sequential({ fc1: new Linear(3, 2, { rng: new Rng(1) }) });
   * const model = new Sequential({ body });
   * model.parameters().map((p) => p.name) // => ["body.fc1.weight", "body.fc1.bias"]
   * body.parameters().map((p) => p.name) // => ["body.fc1.weight", "body.fc1.bias"]
   * Object.keys(body.stateDict()) // => ["fc1.weight", "fc1.bias"]
   */
  parameters(): Parameter[] {
    const places = this.places();
    nameParameters(places);
    return [...places.keys()];
  }

  /** A parameter used in two places has the name of the first. */
  private places(): Map<Parameter, Place> {
    const found = new Map<Parameter, Place>();
    this.visit("", (name, layer, p) => {
      if (!(p instanceof Parameter)) return;
      const first = found.get(p);
      found.set(p, first === undefined ? { name, layer, paths: [name] } : { ...first, paths: [...first.paths, name] });
    });
    return found;
  }

  /**
   * The parameters by their paths from this module, with their layers' depth.
   *
   * @example
   * import { leNet5 } from "@llr/nn";
   * import { Rng } from "@llr/tensor";
   * const named = leNet5({ rng: new Rng(1) }).namedParameters();
   * named.slice(1, 4).map(({ name, depth }) => [name, depth]) // => [["conv1.bias", 0], ["conv2.weight", 1], ["conv2.bias", 1]]
   */
  namedParameters(): NamedParameter[] {
    const depths = new Map<string, number>();
    const places = this.places();
    nameParameters(places);
    return [...places].map(([parameter, { name, layer }]) => {
      if (!depths.has(layer)) depths.set(layer, depths.size);
      return { name, parameter, layer, depth: depths.get(layer)! };
    });
  }

  /**
   * This module and all inside it, from input to output, each once.
   *
   * @example
   * import { mlp } from "@llr/nn";
   * import { Rng } from "@llr/tensor";
   * mlp([4, 3, 2], { rng: new Rng(1) }).namedModules().map(({ name }) => name) // => ["", "flatten", "fc1", "relu1", "fc2"]
   */
  namedModules(): NamedModule[] {
    const found = new Map<Module, string>([[this, ""]]);
    this.visit("", (name, _, m) => {
      if (m instanceof Module && !found.has(m)) found.set(m, name);
    });
    return [...found].map(([module, name]) => ({ name, module }));
  }

  /**
   * Multiplications with an addition in one pass from an input to an output of these shapes, by this module's own arithmetic
   * and not that of modules inside it. 0 unless a module says otherwise: by custom those of matrix products and convolutions
   * are counted, biases, activations, pooling and normalisation are not.
   */
  multiplyAdds(_input: Shape, _output: Shape): number {
    return 0;
  }

  /** Tells the shapes of input and output of every pass through this module, until the function that it returns is called. */
  watch(onPass: (input: Shape, output: Shape) => void): () => void {
    const { forward } = this;
    return replaceMethod(this, "forward", (x: Tensor, context?: ForwardContext): Tensor => {
      const y = forward.call(this, x, context);
      onPass(x.shape, y.shape);
      return y;
    });
  }

  /** Running statistics and the like, from input to output, each once. */
  namedBuffers(): NamedBuffer[] {
    const found = new Map<PinnedTensor, string>();
    this.visit("", (name, _, b) => {
      if (b instanceof PinnedTensor && !found.has(b)) found.set(b, name);
    });
    return [...found].map(([buffer, name]) => ({ name, buffer }));
  }

  /**
   * Moves parameters and buffers to a device, such as the one of `useGpu` from `@llr/tensor/gpu`; each stays the same object.
   * Buffers without axes stay in memory: they are counters, which modules read while they run.
   *
   * @example
   * import { BatchNorm1d } from "@llr/nn";
   * import { tensor } from "@llr/tensor";
   * import { useGpu } from "@llr/tensor/gpu";
   * const gpu = await useGpu({ engine: "webasm", software: true }); // for this example: on the CPU
   * const layer = new BatchNorm1d(1, { eps: 0 });
   * layer.moveTo(gpu);
   * await layer.forward(tensor([[1], [3]]), { training: true }).read() // => [-1, 1]
   * layer.runningMean?.item() // throws await tensor.read()
   * await layer.moveFrom(gpu);
   * layer.runningMean?.item() // => 0.2
   * layer.numBatchesTracked?.item() // => 1
   */
  moveTo(gpu: { move(tensors: Iterable<Tensor>): void }): void {
    gpu.move(this.movable());
  }

  /** Moves parameters and buffers back into memory, with their numbers of the moment of the call. See {@link moveTo}. */
  moveFrom(gpu: { retrieve(tensors: Iterable<Tensor>): Promise<void> }): Promise<void> {
    return gpu.retrieve(this.movable());
  }

  private movable(): Tensor[] {
    const buffers = this.namedBuffers().map(({ buffer }) => buffer);
    return [...this.parameters(), ...buffers.filter(({ shape }) => shape.length > 0)];
  }

  /** Names of the modules that own parameters, from input to output. */
  layerNames(): string[] {
    return [...new Set(this.namedParameters().map(({ layer }) => layer))];
  }

  /**
   * Leaves parameters as they are from now on: they get no gradient, and a step of an optimizer changes neither them nor
   * its state of them. Running statistics are no parameters: they move with every forward pass in training, unless it is
   * told not to. Frozen is how a parameter is used, not part of the saved state.
   *
   * @param layers names of layers or of parameters, from this module, `*` standing for any characters: "conv1" (all inside it), "fc*.bias".
   *   Default: all of them
   * @returns the names of the parameters that are frozen now
   * @throws ArgumentError if one of the names fits no parameter
   * @example
   * import { leNet5 } from "@llr/nn";
   * import { Rng } from "@llr/tensor";
   * const model = leNet5({ rng: new Rng(1) });
   * model.freeze(["conv*", "fc1.bias"]) // => ["conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "fc1.bias"]
   * model.unfreeze("conv2") // => ["conv1.weight", "conv1.bias", "fc1.bias"]
   * model.freeze("conv3") // throws freeze: conv3 fits none of the parameters
   */
  freeze(layers: string | readonly string[] = "*"): string[] {
    return setFrozen("freeze", this.namedParameters(), layers, true);
  }

  /** Lets parameters learn again; see {@link freeze}. Their next step goes on from the state that the optimizer has of them. */
  unfreeze(layers: string | readonly string[] = "*"): string[] {
    return setFrozen("unfreeze", this.namedParameters(), layers, false);
  }

  /** Sets every gradient to null. */
  zeroGrad(): void {
    for (const p of this.parameters()) p.grad = null;
  }

  /**
   * Copies of all numbers, by their paths from this module: of parameters, then of buffers. Training leaves them as they are;
   * they can be cloned and sent.
   *
   * With `names: "pytorch"` they are what `load_state_dict` takes in Python, to be saved by `saveSafetensors`: buffers in its
   * spelling, counters as 64-bit integers.
   *
   * @example
   * import { BatchNorm1d } from "@llr/nn";
   * const state = new BatchNorm1d(3).stateDict({ names: "pytorch" });
   * Object.keys(state) // => ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
   * state["num_batches_tracked"].data // => [0n]
   */
  stateDict(): ModelState;
  stateDict(options: { readonly names: "pytorch" }): Record<string, SavedArray>;
  stateDict({ names }: { readonly names?: "pytorch" } = {}): ModelState | Record<string, SavedArray> {
    if (names === undefined) return Object.fromEntries(this.stored().map(({ name, shape, snapshot }) => [name, { shape, data: snapshot() }]));
    if (names !== "pytorch") throw new ArgumentError("stateDict", `names is ${JSON.stringify(names)}. It needs "pytorch", or nothing.`);
    return Object.fromEntries(this.stored().flatMap(({ pytorchNames, shape, holds, snapshot }) => {
      const data = snapshot();
      return pytorchNames.map((name) => [name, { shape, data: holds === "counts" ? BigInt64Array.from(data, BigInt) : data }]);
    }));
  }

  /**
   * Hands the model back: the memory of its parameters and buffers, of gradients, and of what optimizers remember of them, is
   * free at once. It comes back by itself when nobody holds the model and the program has returned to the event loop; a loop
   * that builds one model after another without an `await` between them fills the memory first. Nothing of the model can be
   * read afterwards: a `stateDict()` taken before can.
   *
   * @example
   * import { mlp } from "@llr/nn";
   * import { memoryStats, Rng, zeros } from "@llr/tensor";
   * const before = memoryStats().pinnedBytes;
   * const model = mlp([784, 256, 10], { rng: new Rng(1) });
   * model.release();
   * memoryStats().pinnedBytes - before // => 0
   * model.forward(zeros([1, 784])) // throws handed back by release()
   */
  release(): void {
    for (const p of this.parameters()) p.release();
    for (const { buffer } of this.namedBuffers()) buffer.release();
  }

  /**
   * Puts saved numbers back, all or none. PyTorch's spelling of buffers is understood: `running_mean`, `running_var` and
   * `num_batches_tracked` are `runningMean`, `runningVar` and `numBatchesTracked`; an array that is used in two places may have both
   * names, as a decoder tied to its encoder.
   *
   * @returns which names were loaded, and which `except` left out
   * @throws ModelStateError naming the first parameter or buffer that is missing, unknown, of another shape, or that holds what it
   *   cannot: NaN, a negative variance, a fraction as count
   * @example
   * import { mlp } from "@llr/nn";
   * import { Rng } from "@llr/tensor";
   * const trained = mlp([64, 12, 10], { rng: new Rng(1) });
   * const other = mlp([64, 12, 3], { rng: new Rng(2) }); // the same body for three classes
   * other.loadStateDict(trained.stateDict()) // throws fc2.weight has shape [3, 12], the saved one [10, 12]
   * other.loadStateDict(trained.stateDict(), { except: "fc2" }).loaded // => ["fc1.weight", "fc1.bias"]
   */
  loadStateDict(state: ModelState, options: LoadStateOptions = {}): LoadReport {
    const { pairs, report } = planLoad(this.stored(), state, options);
    for (const { entry, saved } of pairs) entry.load(saved);
    return report;
  }

  private stored(): Stored[] {
    const parameters = [...this.places()].map(([p, { name, paths }]): Stored => ({
      name, pytorchNames: paths, shape: p.shape, dtype: p.dtype, holds: "numbers", snapshot: () => p.snapshot(), load: (saved) => p.load(saved),
    }));
    const buffers = this.namedBuffers().map(({ name, buffer: b }): Stored => ({
      name, pytorchNames: [pytorchBufferName(name)], shape: b.shape, dtype: b.dtype, holds: b.holds,
      snapshot: () => b.snapshot() as Float32Array | Float64Array, load: ({ data }) => assign(b, tensor(Float64Array.from(data), { shape: b.shape, dtype: b.dtype })),
    }));
    return [...parameters, ...buffers];
  }

  private visit(path: string, found: (name: string, layer: string, value: Parameter | PinnedTensor | Module) => void): void {
    const join = (key: string): string => (path === "" ? key : `${path}.${key}`);
    const inside = (module: Module, name: string): void => {
      found(name, path, module);
      module.visit(name, found);
    };
    for (const [key, value] of this.members()) {
      if (value instanceof Parameter || value instanceof PinnedTensor) found(join(key), path, value);
      else if (value instanceof Module) inside(value, join(key));
      else if (Array.isArray(value)) value.forEach((entry: unknown, i) => entry instanceof Module && inside(entry, `${join(key)}.${i}`));
    }
  }

  /** What may hold parameters, with its name. */
  protected members(): Iterable<readonly [string, unknown]> {
    return Object.entries(this);
  }
}

/** One object's method, until the function that it returns is called. */
export function replaceMethod<M extends string, F>(object: Record<M, F>, name: M, method: F): () => void {
  const own = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { configurable: true, value: method });
  return () => {
    if (own) Object.defineProperty(object, name, own);
    else Reflect.deleteProperty(object, name);
  };
}
