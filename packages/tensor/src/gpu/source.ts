// Pieces of kernel sources, in gpu.js' language.

/**
 * Whole quotient of an index up to 2^20, as an expression. A GPU's division is off by a few roundings: the half keeps them off the
 * step. Above 2^23 single precision has no halves: see {@link exactQuotient}.
 */
export const quotient = (index: string, divisor: number): string => (divisor === 1 ? `(${index})` : `Math.floor((${index} + 0.5) / ${divisor})`);

/** Statements that leave the whole quotient of an index up to 2^24 in the variable `name`: the quotient, and then put right. */
export const exactQuotient = (name: string, index: string, divisor: number): string =>
  `let ${name} = ${quotient(index, divisor)}; if (${name} * ${divisor} > ${index}) { ${name} = ${name} - 1; } if ((${name} + 1) * ${divisor} <= ${index}) { ${name} = ${name} + 1; } `;

/**
 * Whether the number in a variable is NaN. Not `v !== v`, which drivers take for false: two comparisons that only together
 * hold for every number survive, for none of them follows from the other.
 */
export const isNaNSource = (v: string): string => `(!(${v} <= 2) && !(${v} > 1))`;

/** NaN, from a number: gpu.js has no word for it. */
export const nanSource = (v: string): string => `(${v} - ${v}) / (${v} - ${v})`;

/** Whether the number in a variable is infinite. */
export const isInfiniteSource = (v: string): string => `(${v} > 3.4028234663852886e38 || ${v} < -3.4028234663852886e38)`;

/** `row` and `column` of an output [planes, rows x columns], whose plane is `this.thread.y`. */
export const rowAndColumn = (columns: number): string => `const row = ${quotient("this.thread.x", columns)}; const column = this.thread.x - row * ${columns};`;
