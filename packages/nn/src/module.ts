import { Parameter } from "@llr/autograd";
import type { Rng, Shape, Tensor } from "@llr/tensor";
import { LlrError } from "@llr/tensor";

/** What a forward pass is told besides its input. There is no global training flag and no global generator. */
export interface ForwardContext {
  /** Whether layers that differ do what they do in training. Default false. */
  readonly training?: boolean;
  /** Source of randomness for layers that need it. */
  readonly rng?: Rng;
}

/** Numbers of a model by parameter name: copies, independent of the model. */
export type ModelState = Record<string, { readonly shape: Shape; readonly data: Float32Array | Float64Array }>;

/** A saved state does not belong to the model. Thrown before anything is written. */
export class ModelStateError extends LlrError {
  constructor(problem: string) {
    super("LLR_MODEL_STATE", `loadStateDict: ${problem}`);
  }
}

/**
 * Part of a model: parameters, other modules and a forward function. Parameters and modules are found among the object's
 * properties, in the order in which the constructor set them; that is the order of the layers, from input to output.
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
   * module as `layer` ("conv1"), which is what layer-wise rates go by.
   */
  parameters(): Parameter[] {
    const found = new Set<Parameter>();
    this.visit("", (name, layer, p) => {
      if (found.has(p)) return; // a parameter used in two places keeps the name of the first
      p.name = name;
      p.layer = layer;
      found.add(p);
    });
    return [...found];
  }

  /** Names of the modules that own parameters, from input to output. */
  layerNames(): string[] {
    return [...new Set(this.parameters().map((p) => p.layer))];
  }

  /** Sets every gradient to null. */
  zeroGrad(): void {
    for (const p of this.parameters()) p.grad = null;
  }

  /** Copies of all numbers, by name. */
  stateDict(): ModelState {
    return Object.fromEntries(this.parameters().map((p) => [p.name, { shape: p.shape, data: p.data.slice() }]));
  }

  /**
   * Puts saved numbers back, all or none.
   *
   * @throws ModelStateError naming the first parameter that is missing, unknown, or of another shape
   */
  loadStateDict(state: ModelState): void {
    const parameters = this.parameters();
    const known = new Map(parameters.map((p) => [p.name, p]));
    for (const name of Object.keys(state)) if (!known.has(name)) throw new ModelStateError(`the state holds ${name}, which the model does not have. Its parameters are ${[...known.keys()].join(", ")}.`);
    for (const { name, shape, size } of parameters) {
      if (!Object.hasOwn(state, name)) throw new ModelStateError(`the state lacks ${name}. Save all of ${[...known.keys()].join(", ")}.`);
      const saved = state[name];
      if (saved.shape.length !== shape.length || saved.shape.some((n, i) => n !== shape[i]) || saved.data.length !== size)
        throw new ModelStateError(`${name} has shape [${shape.join(", ")}], the saved one [${saved.shape.join(", ")}] (${saved.data.length} numbers). Load it into the model that it was saved from.`);
    }
    for (const p of parameters) p.load(state[p.name]);
  }

  private visit(path: string, found: (name: string, layer: string, p: Parameter) => void): void {
    const join = (key: string): string => (path === "" ? key : `${path}.${key}`);
    for (const [key, value] of this.members()) {
      if (value instanceof Parameter) found(join(key), path, value);
      else if (value instanceof Module) value.visit(join(key), found);
    }
  }

  /** What may hold parameters, with its name. */
  protected members(): Iterable<readonly [string, unknown]> {
    return Object.entries(this);
  }
}
