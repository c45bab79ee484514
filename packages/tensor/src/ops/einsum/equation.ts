import { ArgumentError, ShapeError } from "../../errors.ts";
import type { Shape } from "../../shape.ts";
import { formatShape } from "../../shape.ts";

/** An axis: a letter of the equation, or ".0", ".1" ... for those that an ellipsis stands for, counted from the last. */
export type Label = string;

export interface Equation {
  /** The labels of each operand's axes. */
  readonly inputs: readonly (readonly Label[])[];
  readonly output: readonly Label[];
  readonly sizes: ReadonlyMap<Label, number>;
}

const ELLIPSIS = "...";

/** Reads the equation for operands of the given shapes. Blanks mean nothing. */
export function readEquation(equation: string, shapes: readonly Shape[]): Equation {
  const fail = (problem: string): never => {
    throw new ArgumentError("einsum", `"${equation}": ${problem}`);
  };
  const parts = equation.replaceAll(" ", "").split("->");
  if (parts.length > 2) fail("more than one ->. It separates the operands from the result.");
  const terms = parts[0].split(",").map((term) => tokensOf(term, fail));
  if (terms.length !== shapes.length) fail(`${terms.length} operands, but ${shapes.length} tensors. It needs labels for each tensor, separated by commas.`);

  const inputs = terms.map((tokens, i) => expand(tokens, shapes[i], fail));
  const hidden = Math.max(0, ...inputs.flat().filter(isHidden).map((label) => Number(label.slice(1)) + 1));
  const hiddenLabels = Array.from({ length: hidden }, (_, i) => `.${hidden - 1 - i}`);
  const known = new Set(inputs.flat());
  const output = parts.length === 1 ? implicitOutput(terms, hiddenLabels) : tokensOf(parts[1], fail).flatMap((token) => (token === ELLIPSIS ? hiddenLabels : [token]));
  output.forEach((label, i) => {
    if (!known.has(label)) fail(`the result has the label ${label}, which no operand has.`);
    if (output.indexOf(label) !== i) fail(`the result has the label ${label} twice.`);
  });
  return { inputs, output, sizes: sizesOf(equation, inputs, shapes) };
}

const isHidden = (label: Label): boolean => label.startsWith(".");

/** Letters, and at most one ellipsis. */
function tokensOf(term: string, fail: (problem: string) => never): string[] {
  const tokens = term.match(/\.\.\.|[A-Za-z]/g) ?? [];
  if (tokens.join("") !== term) fail(`"${term}" has something other than letters and "...".`);
  if (tokens.filter((token) => token === ELLIPSIS).length > 1) fail(`"${term}" has more than one "...".`);
  return tokens;
}

function expand(tokens: readonly string[], shape: Shape, fail: (problem: string) => never): Label[] {
  const letters = tokens.filter((token) => token !== ELLIPSIS).length;
  const rest = shape.length - letters;
  if (rest < 0 || (rest > 0 && !tokens.includes(ELLIPSIS))) fail(`"${tokens.join("")}" has ${letters} labels for the ${shape.length} axes of ${formatShape(shape)}.`);
  return tokens.flatMap((token) => (token === ELLIPSIS ? Array.from({ length: rest }, (_, i) => `.${rest - 1 - i}`) : [token]));
}

/** Without an arrow: the axes of the ellipsis, then the labels that occur once, in alphabetical order. */
function implicitOutput(terms: readonly (readonly string[])[], hiddenLabels: readonly Label[]): Label[] {
  const all = terms.flat().filter((token) => token !== ELLIPSIS);
  return [...hiddenLabels, ...all.filter((label) => all.indexOf(label) === all.lastIndexOf(label)).sort()];
}

/** A label has one size; the axes of an ellipsis broadcast. */
function sizesOf(equation: string, inputs: readonly (readonly Label[])[], shapes: readonly Shape[]): Map<Label, number> {
  const sizes = new Map<Label, number>();
  inputs.forEach((labels, i) =>
    labels.forEach((label, axis) => {
      const size = shapes[i][axis];
      const before = sizes.get(label) ?? size;
      const stretches = isHidden(label) && (before === 1 || size === 1);
      if (before !== size && !stretches)
        throw new ShapeError("einsum", `"${equation}": sizes ${before} and ${size} for ${isHidden(label) ? "an axis of the ellipsis" : `the label ${label}`}, shapes ${shapes.map(formatShape).join(" and ")}. ${isHidden(label) ? "They must be equal, or one of them 1" : "A label stands for one size"}.`, shapes);
      sizes.set(label, before === 1 ? size : before);
    }),
  );
  return sizes;
}
