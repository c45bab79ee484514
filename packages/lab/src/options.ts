import { InvalidArgumentError } from "commander";

function parse(text: string, accept: (x: number) => boolean, needs: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!accept(value)) throw new InvalidArgumentError(`It must be ${needs}.`);
  return value;
}

export const positive = (text: string): number => parse(text, (x) => x > 0 && x < Infinity, "a number above 0");
export const atLeastZero = (text: string): number => parse(text, (x) => x >= 0 && x < Infinity, "a number of at least 0");
export const fraction = (text: string): number => parse(text, (x) => x >= 0 && x < 1, "a number from 0 to below 1");
export const count = (text: string): number => parse(text, (x) => Number.isSafeInteger(x) && x > 0, "a whole number above 0");
export const seed = (text: string): number => parse(text, (x) => Number.isSafeInteger(x) && x >= 0, "a whole number of at least 0");
