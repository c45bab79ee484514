#!/usr/bin/env bash
# ml-levenberg-marquardt: parameterError is one number, the sum of squared residuals; it is no error of any parameter.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm ml-levenberg-marquardt@5.1.0
cat > run.mjs <<'JS'
import { near, saw, versions } from "./finding.mjs";
import { levenbergMarquardt } from "ml-levenberg-marquardt";

versions("ml-levenberg-marquardt");
const x = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const noise = [0.3, -0.2, 0.1, -0.4, 0.25, 0.05, -0.1, 0.2, -0.3, 0.1];
const y = x.map((v, i) => 2 * v + 1 + noise[i]);
const { parameterValues: [slope, offset], parameterError } = levenbergMarquardt({ x, y }, ([a, b]) => (t) => a * t + b, { initialValues: [1, 0], maxIterations: 200 });
const squares = x.reduce((sum, v, i) => sum + (y[i] - slope * v - offset) ** 2, 0);
// The textbook's standard error of a slope: sqrt(residual variance / spread of x).
const standardError = Math.sqrt(squares / (x.length - 2) / x.reduce((sum, v) => sum + (v - 4.5) ** 2, 0));
saw("a line through ten points: parameterError", { guess: `standard errors, such as ${standardError.toFixed(4)} of the slope`, got: parameterError, holds: near(parameterError, squares) });
JS
node run.mjs
