// Optimizers
export { sgd, type SgdOptions } from "./optimizers/sgd.ts";
export { adamW, type AdamOptions } from "./optimizers/adamW.ts";
export { adam } from "./optimizers/adam.ts";
export { lars, type LarsOptions } from "./optimizers/lars.ts";
export { larc, type LarcOptions } from "./optimizers/larc.ts";
export { madLlr, type MadLlrOptions } from "./optimizers/madLlr.ts";
export { l2, decoupled, type WeightDecay } from "./weightDecay.ts";

// Rates that differ from layer to layer
export type { LayerPosition, LayerScale } from "./layerScales/layerScale.ts";
export { spread } from "./layerScales/spread.ts";
export { discriminative } from "./layerScales/discriminative.ts";
export { layerDecay } from "./layerScales/layerDecay.ts";
export { layerRamp, type LayerRampOptions } from "./layerScales/layerRamp.ts";
export { layerCycle, type LayerCycleOptions } from "./layerScales/layerCycle.ts";
export { layerLinear, type LayerLinearOptions } from "./layerScales/layerLinear.ts";

// Schedules
export { constant } from "./schedules/constant.ts";
export { linear, type LinearOptions } from "./schedules/linear.ts";
export { cosine, type CosineOptions } from "./schedules/cosine.ts";
export { cosineAnnealing, type CosineAnnealingOptions } from "./schedules/cosineAnnealing.ts";
export { warmRestarts, type WarmRestartsOptions } from "./schedules/warmRestarts.ts";
export { flatCosine, type FlatCosineOptions } from "./schedules/flatCosine.ts";
export { polynomial, type PolynomialOptions } from "./schedules/polynomial.ts";
export { exponential, type ExponentialOptions } from "./schedules/exponential.ts";
export { stepDecay, type StepDecayOptions } from "./schedules/stepDecay.ts";
export { multiStep, type MultiStepOptions } from "./schedules/multiStep.ts";
export { slantedTriangular, type SlantedTriangularOptions } from "./schedules/slantedTriangular.ts";
export { reduceOnPlateau, type PlateauState, type ReduceOnPlateau, type ReduceOnPlateauOptions } from "./schedules/reduceOnPlateau.ts";

// Schedules of rate and momentum together
export type { Cycle, MomentumRange } from "./schedules/cycle.ts";
export { oneCycle, type OneCycleOptions } from "./schedules/oneCycle.ts";
export { oneCycleFastai, type OneCycleFastaiOptions } from "./schedules/oneCycleFastai.ts";
export { oneCycleOptax, type OneCycleOptaxOptions } from "./schedules/oneCycleOptax.ts";
export { oneCyclePlateau, type OneCyclePlateauOptions } from "./schedules/oneCyclePlateau.ts";
export { oneCycleSmith, type OneCycleSmithOptions } from "./schedules/oneCycleSmith.ts";
export { slantedCycle, type SlantedCycleOptions } from "./schedules/slantedCycle.ts";
export { cyclic, type CyclicOptions } from "./schedules/cyclic.ts";

// Schedules from parts
export { phases, type Phase, type PhaseValue } from "./schedules/phases.ts";
export { piecewise, type Piece } from "./schedules/piecewise.ts";
export type { Ramp } from "./schedules/curves.ts";
export { join } from "./schedules/join.ts";
export { warmUp, type WarmUpOptions } from "./schedules/warmUp.ts";
export { multiply } from "./schedules/multiply.ts";
export { clamp, type ClampOptions } from "./schedules/clamp.ts";
export { inTurn, type Turn } from "./inTurn.ts";

// Clipping
export type { Clipped, ClipNormOptions } from "./clip.ts";
export { clipByGlobalNorm, type ClippedTogether } from "./clipByGlobalNorm.ts";
export { clipByLayerNorm, type ClippedByLayer, type ClippedLayer } from "./clipByLayerNorm.ts";
export { clipByValue } from "./clipByValue.ts";
export { clipAdaptively, type ClipAdaptivelyOptions } from "./clipAdaptively.ts";

// Parameters and groups
export type { FloatArray, Param } from "./param.ts";
export { vectors, type ParamSelector } from "./paramSelector.ts";
export type { GroupOptions } from "./group.ts";
export { describeGroups } from "./describeGroups.ts";

// What an optimizer takes and returns
export type { Gradients, GroupSummary, Optimizer, SharedOptions, StepRecord } from "./optimizer.ts";
export type { ParamStateDict, StateDict } from "./stateDict.ts";
export type { CommonOptions } from "./options.ts";
export type { Hyper, Schedule } from "./hyper.ts";
export { GradientError, OptimError, OptionError, StateError } from "./errors.ts";

// For optimizers of your own: the step loop, the parts, and the presets as data
export { createOptimizer } from "./optimizer.ts";
export type { Direction, LayerRate, LayerRateInput, LayerRateResult, Limit, NonFinitePolicy, ParamState, Placement, StateNames, UpdateFactors, UpdateRule, Values } from "./updateRule.ts";
export type { Range } from "./range.ts";
export { momentumDirection } from "./directions/momentum.ts";
export { adamDirection } from "./directions/adam.ts";
export { constantRate } from "./layerRates/constant.ts";
export { larsRate } from "./layerRates/lars.ts";
export { larcRate } from "./layerRates/larc.ts";
export { madLlrRate, type MadLlrValues } from "./layerRates/madLlr.ts";
export { sgdRule } from "./optimizers/sgd.ts";
export { adamRule } from "./optimizers/adam.ts";
export { adamWRule } from "./optimizers/adamW.ts";
export { larsRule } from "./optimizers/lars.ts";
export { larcRule } from "./optimizers/larc.ts";
export { madLlrRule } from "./optimizers/madLlr.ts";

// For kernels of your own: their form, and the plain loops
export type { UpdateKernels } from "./kernels.ts";
export { norm } from "./norm.ts";
export { momentumUpdate, type MomentumFactors } from "./directions/momentum.ts";
export { adamUpdate, type AdamFactors } from "./directions/adam.ts";
export { trackMean } from "./layerRates/madLlr.ts";
