export { type DivergenceDetector, divergenceDetector, type DivergenceOptions, type Verdict } from "./divergence.ts";
export { evaluate, type Evaluation } from "./evaluate.ts";
export { fit, type FitOptions, type FitResult, NonFiniteLossError, totalSteps } from "./fit.ts";
export { jsonLine, type Recorder, type StepMetrics, type TestMetrics } from "./recorder.ts";
