export { backward, type BackwardOptions } from "./backward.ts";
export { findNonFinite, type NonFinite } from "./findNonFinite.ts";
export { grad, type GradOptions } from "./grad.ts";
export { type Gradcheck, gradcheck, type GradcheckOptions } from "./gradcheck.ts";
export { formatHistory } from "./history.ts";
export { Parameter, parameter } from "./parameter.ts";
export { noGrad } from "@llr/tensor";
