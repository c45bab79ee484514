// Optimizers
export { sgd, type SgdOptions } from "./optimizers/sgd.ts";
export { adamW, type AdamOptions } from "./optimizers/adamW.ts";
export { adam } from "./optimizers/adam.ts";
export { rmsprop, type RmspropOptions } from "./optimizers/rmsprop.ts";
export { adagrad, type AdagradOptions } from "./optimizers/adagrad.ts";
export { adadelta, type AdadeltaOptions } from "./optimizers/adadelta.ts";
export { adamax, type AdamaxOptions } from "./optimizers/adamax.ts";
export { nadam, type NadamOptions } from "./optimizers/nadam.ts";
export { radam, type RadamOptions } from "./optimizers/radam.ts";
export { lars, type LarsOptions } from "./optimizers/lars.ts";
export { larsUnscaledMomentum } from "./optimizers/larsUnscaledMomentum.ts";
export { larsTimm, type LarsTimmOptions } from "./optimizers/larsTimm.ts";
export { larsOptax } from "./optimizers/larsOptax.ts";
export { larsSimclr, type LarsSimclrOptions } from "./optimizers/larsSimclr.ts";
export { larsSimclrPopular } from "./optimizers/larsSimclrPopular.ts";
export { larc, type LarcOptions } from "./optimizers/larc.ts";
export { larcAdam, type LarcAdamOptions } from "./optimizers/larcAdam.ts";
export { larcFastai, type LarcFastaiOptions } from "./optimizers/larcFastai.ts";
export { larcOpenSeq2Seq, type LarcOpenSeq2SeqOptions } from "./optimizers/larcOpenSeq2Seq.ts";
export { larcNvcaffe, type LarcNvcaffeOptions } from "./optimizers/larcNvcaffe.ts";
export { lamb, type LambOptions } from "./optimizers/lamb.ts";
export { lambTimm, type LambTimmOptions } from "./optimizers/lambTimm.ts";
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
export { param, type FloatArray, type OwnParam, type Param } from "./param.ts";
export { vectors, type Exclusion, type ParamSelector } from "./paramSelector.ts";
export type { GroupOptions } from "./group.ts";
export { describeGroups } from "./describeGroups.ts";

// What an optimizer takes and returns
export type { Gradients, GroupSummary, MeasuredGradient, Optimizer, SharedOptions, StepRecord } from "./optimizer.ts";
export type { ParamStateDict, StateDict } from "./stateDict.ts";
export { loadStateBytes, stateBytes, stateFromBytes } from "./stateBytes.ts";
export type { CommonOptions } from "./options.ts";
export type { Hyper, Schedule } from "./hyper.ts";
export { GradientError, OptimError, OptionError, StateError } from "./errors.ts";

// For optimizers of your own: the step loop, the parts, and the presets as data
export { createOptimizer } from "./optimizer.ts";
export type { AtStep, Direction, LayerRate, LayerRateInput, LayerRateMeasures, LayerRateResult, Limit, NonFinitePolicy, NormOf, ParamState, Placement, StateNames, UpdateFactors, UpdateRule, Values } from "./updateRule.ts";
export type { Range } from "./range.ts";
export { momentumDirection } from "./directions/momentum.ts";
export { adamDirection, type AdamValues } from "./directions/adam.ts";
export { rmspropDirection, type RmspropValues } from "./directions/rmsprop.ts";
export { adagradDirection, type AdagradValues } from "./directions/adagrad.ts";
export { adadeltaDirection } from "./directions/adadelta.ts";
export { adamaxDirection } from "./directions/adamax.ts";
export { nadamDirection, type NadamValues } from "./directions/nadam.ts";
export { radamDirection } from "./directions/radam.ts";
export { constantRate } from "./layerRates/constant.ts";
export { larsDecayedRate, larsDirectionRate, larsRate } from "./layerRates/lars.ts";
export { larsTimmRate, type LarsTimmValues } from "./layerRates/larsTimm.ts";
export { larcRate } from "./layerRates/larc.ts";
export { larcFastaiRate, type LarcFastaiValues } from "./layerRates/larcFastai.ts";
export { larcNvcaffeRate, type LarcNvcaffeValues } from "./layerRates/larcNvcaffe.ts";
export { larcOpenSeq2SeqRate, type LarcOpenSeq2SeqValues } from "./layerRates/larcOpenSeq2Seq.ts";
export { lambRate, lambTimmRate, type LambTimmValues } from "./layerRates/lamb.ts";
export { madLlrRate, type MadLlrValues } from "./layerRates/madLlr.ts";
export { sgdRule } from "./optimizers/sgd.ts";
export { adamRule } from "./optimizers/adam.ts";
export { adamWRule } from "./optimizers/adamW.ts";
export { rmspropRule } from "./optimizers/rmsprop.ts";
export { adagradRule } from "./optimizers/adagrad.ts";
export { adadeltaRule } from "./optimizers/adadelta.ts";
export { adamaxRule } from "./optimizers/adamax.ts";
export { nadamRule } from "./optimizers/nadam.ts";
export { radamRule } from "./optimizers/radam.ts";
export { larsRule } from "./optimizers/lars.ts";
export { larsUnscaledMomentumRule } from "./optimizers/larsUnscaledMomentum.ts";
export { larsTimmRule } from "./optimizers/larsTimm.ts";
export { larsOptaxRule } from "./optimizers/larsOptax.ts";
export { larsSimclrRule } from "./optimizers/larsSimclr.ts";
export { larsSimclrPopularRule } from "./optimizers/larsSimclrPopular.ts";
export { larcAdamRule } from "./optimizers/larcAdam.ts";
export { larcFastaiRule } from "./optimizers/larcFastai.ts";
export { larcOpenSeq2SeqRule } from "./optimizers/larcOpenSeq2Seq.ts";
export { larcNvcaffeRule } from "./optimizers/larcNvcaffe.ts";
export { lambRule } from "./optimizers/lamb.ts";
export { lambTimmRule } from "./optimizers/lambTimm.ts";
export { larcRule } from "./optimizers/larc.ts";
export { madLlrRule } from "./optimizers/madLlr.ts";

// For step loops elsewhere than in memory (@llr/train/gpu): no promises between versions are made for these
export { type Plan, type Planned, planOptimizer } from "./plan.ts";
export { loadState } from "./stateDict.ts";
export { wholePower } from "./wholePower.ts";

// For kernels of your own: their form, and the plain loops
export type { NormsBefore, UpdateKernels } from "./kernels.ts";
export { allocate } from "./kernels.ts";
export { norm } from "./norm.ts";
export { momentumUpdate, type MomentumFactors } from "./directions/momentum.ts";
export { adamUpdate, type AdamFactors } from "./directions/adam.ts";
export { trackMean } from "./layerRates/madLlr.ts";
