// Prints what a package did, and fails where it does something else by now.
import { readFileSync } from "node:fs";

/** Prints each package's version as it is installed. */
export function versions(...names) {
  for (const name of names) console.log(`${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version} on Node ${process.version}`);
}

const text = (value) => {
  if (ArrayBuffer.isView(value)) return text([...value]);
  if (Array.isArray(value)) return `[${value.map(text).join(", ")}]`;
  if (typeof value === "string") return JSON.stringify(value);
  return Object.is(value, -0) ? "-0" : String(value);
};

/** One line: what was run, what a good guess would be, what came out; the exit code is 1 unless `holds`. */
export function saw(run, { guess, got, holds }) {
  console.log(`${holds ? "still so" : "CHANGED "}  ${run}: guess ${text(guess)}, got ${text(got)}`);
  if (!holds) process.exitCode = 1;
}

/** Equal up to `tolerance`, relative to the expected value (absolute below 1). */
export const near = (a, b, tolerance = 1e-6) => Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
