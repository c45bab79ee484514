// Initialisation in the conformance kit's words, which are PyTorch's.
import { kaimingSpread, xavierSpread, type FanMode, type InitialSpread, type Nonlinearity } from "@llr/nn";

interface InitSpec {
  readonly init: string;
  readonly shape: readonly number[];
  /** Absent for Xavier. */
  readonly mode?: string;
  readonly nonlinearity: string;
  /** Negative slope of leaky_relu. */
  readonly param: number | null;
}

const MODES = new Map<string, FanMode>([["fan_in", "fanIn"], ["fan_out", "fanOut"]]);

const NONLINEARITIES = new Map<string, Nonlinearity>([
  ["linear", "linear"], ["sigmoid", "sigmoid"], ["tanh", "tanh"], ["relu", "relu"], ["leaky_relu", "leakyRelu"], ["selu", "selu"],
  // PyTorch accepts the names of layers too, all of them linear.
  ["conv1d", "linear"], ["conv2d", "linear"], ["conv3d", "linear"],
]);

/** null: a rule or a non-linearity that @llr/nn does not have. */
export function init({ init, shape, mode = "fan_in", nonlinearity: name, param }: InitSpec): InitialSpread | null {
  const nonlinearity = NONLINEARITIES.get(name);
  const fanMode = MODES.get(mode);
  if (nonlinearity === undefined || fanMode === undefined) return null;
  // PyTorch ignores a parameter that the non-linearity does not have; @llr/nn refuses it.
  const options = param !== null && nonlinearity === "leakyRelu" ? { nonlinearity, param } : { nonlinearity };
  if (init === "kaiming") return kaimingSpread(shape, { ...options, mode: fanMode });
  return init === "xavier" ? xavierSpread(shape, options) : null;
}
