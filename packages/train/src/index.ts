export { type DivergenceDetector, divergenceDetector, type DivergenceOptions, type Verdict } from "./divergence.ts";
export { evaluate, type Evaluation } from "./evaluate.ts";
export { fit, type FitOptions, type FitResult, NonFiniteGradientError, NonFiniteLossError, totalSteps } from "./fit.ts";
export { jsonLine, readJsonLines } from "./jsonLines.ts";
export { LAYER_COLUMNS, type LayerColumn, type LayerColumns, type LayerSeries, type LayerSeriesWriter, layerSeriesWriter, readLayerSeries, type SeriesParameter } from "./layerSeries.ts";
export { describeRateWarning, type RateWarning, type RateWatch, rateWatch } from "./rateWatch.ts";
export { type Recorder, type StepMetrics, type TestMetrics } from "./recorder.ts";
export { simdUpdates } from "./simdUpdates.ts";
export { type RangeCurve, type SuggestedRates, suggestRates } from "./suggestRates.ts";
