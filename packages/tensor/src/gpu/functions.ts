// Functions of numbers in gpu.js' language, for kernels: those of JavaScript where a driver's own are defined for some numbers
// only, or lose their digits near 0. A kernel gets those that it names.
//
// What drivers do elsewhere differs: log(-1) may be 0 and exp(NaN) Infinity, so that a run that has diverged looks sound. So
// NaN is told apart by comparisons, which are false for it (`x <= 0 || x > 0`), and goes through. That is as good as the
// driver's comparisons: WGSL allows it to assume that there is no NaN. Numbers below 1.2e-38 are 0 on most devices.

/**
 * By name; the text of each begins at its parameters. gpu.js knows the type of a parameter only later, so a variable in them
 * is set to a quotient or to another function's result, whose type is known, or does not translate.
 */
const FUNCTIONS: Readonly<Record<string, string>> = {
  expOf: "(x) { return x <= 0 || x > 0 ? Math.exp(x) : x; }",

  // -Infinity at 0 and NaN below. Between 1/2 and 3/2, where WGSL grants log an absolute error of 2^-21, as below.
  logOf: "(x) { return Math.abs(x - 1) < 0.5 ? logSeries((x - 1) / (x + 1)) : x > 0 ? Math.log(x) : x <= 0 ? Math.sqrt(x) - 1 / Math.abs(x) : x; }",

  // log((1 + s) / (1 - s)) = 2 artanh(s), for |s| up to 1/3; the next term is 2e-8 of the sum there.
  logSeries: "(s) { return s * artanhSeries(s * s); }",
  artanhSeries: "(q) { return 2 + q * (0.6666667 + q * (0.4 + q * (0.2857143 + q * (0.22222222 + q * (0.18181819 + q * 0.15384616))))); }",
  log1pOf: "(x) { return Math.abs(x) < 0.5 ? logSeries(x / (2 + x)) : logOf(1 + x); }",

  // Below 1/2 the Taylor series, whose next term is 1e-8 of the sum there.
  expm1Of: "(x) { return Math.abs(x) < 0.5 ? x * (1 + x * (0.5 + x * (0.16666667 + x * (0.041666668 + x * (0.008333334 + x * (0.0013888889 + x * (0.0001984127 + x * 0.000024801588))))))) : expOf(x) - 1; }",

  // Not by the driver's, which gives NaN from about 45 on in places.
  tanhOf: "(x) { const e = expm1Of(-2 * Math.abs(x)); const t = 0 - e / (2 + e); return x < 0 ? 0 - t : t; }",

  // No power overflows: the exponent is never above 0.
  sigmoidOf: "(x) { const e = expOf(0 - Math.abs(x)); return (x > 0 ? 1 : e) / (1 + e); }",

  softplusOf: "(x) { return (x > 0 ? x : 0) + log1pOf(expOf(0 - Math.abs(x))); }",

  // e^(x^2) erfc(x) for x >= 0: t P(t) with t = 2 / (2 + x). P takes the values of the function at the 11 Chebyshev nodes of
  // [0, 1]; the relative error is below 2e-8, and 2e-7 in single precision.
  scaledErfc: `(x) { const t = 2 / (2 + x); return t * (0.2820948 + t * (0.282092867 + t * (0.246913561 + t * (0.174948597 + t * (0.0958271932 + t * (-0.0679582508 + t * (0.151885121 + t * (-0.482474676 + t * (0.516899468 + t * (-0.245580002 + t * 0.0453513298)))))))))); }`,

  erfcOf: "(x) { const t = scaledErfc(Math.abs(x)) * expOf(0 - x * x); return x < 0 ? 2 - t : t; }",

  // Near 0, where 1 - erfc(x) would lose its digits, the Maclaurin series; the next term is 4e-9 of the sum at 1/2.
  erfSeries: "(q) { return 1.1283792 - q * (0.37612638 - q * (0.112837918 - q * (0.026866170 - q * (0.0052239776 - q * (0.00085483270 - q * 0.00012055333))))); }",
  erfOf: "(x) { return Math.abs(x) < 0.5 ? x * erfSeries(x * x) : x < 0 ? erfcOf(0 - x) - 1 : 1 - erfcOf(x); }",

  // Math.max and Math.min drop NaN on most devices. Of two numbers one comparison is true; with a NaN none is.
  maxOf: "(a, b) { return a >= b ? a : a < b ? b : a + b; }",
  minOf: "(a, b) { return a <= b ? a : a > b ? b : a + b; }",

  // The driver's power is for bases above 0. As IEEE 754, but for the sign of zeros and a base of -Infinity.
  powOf: "(a, b) { if (b === 0 || a === 1) return 1; if (b === 2) return a * a; return (a <= 0 || a > 0) && (b <= 0 || b > 0) ? powerOf(a, b) : a + b; }",
  powerOf: "(a, b) { if (a > 0) return Math.pow(a, b); if (a === 0) return b > 0 ? 0 : 1 / Math.abs(a); return negativePowerOf(0 - a, b, b - 2 * Math.floor(b / 2)); }",
  negativePowerOf: "(size, b, rest) { if (rest === 0) return Math.pow(size, b); if (rest === 1) return 0 - Math.pow(size, b); return Math.sqrt(0 - size); }",
};

const CALLS = new RegExp(`\\b(${Object.keys(FUNCTIONS).join("|")})\\(`, "g");

/** The statements of a kernel with the functions in front that they name. */
export function withFunctions(statements: string): string {
  const needed = new Set<string>();
  const visit = (text: string): void => {
    for (const [, name] of text.matchAll(CALLS)) {
      if (needed.has(name)) continue;
      visit(FUNCTIONS[name]); // what it names stands before it
      needed.add(name);
    }
  };
  visit(statements);
  return [...Array.from(needed, (name) => `function ${name}${FUNCTIONS[name]}`), statements].join(" ");
}
