import { InvalidArgumentError } from "commander";

function parse(text: string, accept: (x: number) => boolean, needs: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!accept(value)) throw new InvalidArgumentError(`It must be ${needs}.`);
  return value;
}

export const positive = (text: string): number => parse(text, (x) => x > 0 && x < Infinity, "a number above 0");
export const atLeastZero = (text: string): number => parse(text, (x) => x >= 0 && x < Infinity, "a number of at least 0");
export const fraction = (text: string): number => parse(text, (x) => x >= 0 && x < 1, "a number from 0 to below 1");
export const count = (text: string): number => parse(text, (x) => Number.isSafeInteger(x) && x > 0, `a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`);
export const seed = (text: string): number => parse(text, (x) => Number.isSafeInteger(x) && x >= 0, `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
/** A share of right answers in percent. Chance is far above 1 %, so a smaller number is a fraction that was meant as such. */
export const percentage = (text: string): number => parse(text, (x) => x > 1 && x <= 100, "a percentage above 1 and of at most 100, such as 98.5");
/** Of a multiple of a rate. Beyond the limits a rate would leave the numbers that float32 holds. */
export const isMultiple = (x: number): boolean => x >= 1e-6 && x <= 1e6;
export const multiple = (text: string): number => parse(text, isMultiple, "a number from 1e-6 to 1e6");
