import { show } from "../range.ts";

/** What is wrong with a `mode` that is neither "clip" nor "scale", or null. */
export function clipOrScale({ mode }: { readonly mode?: unknown }): { option: string; problem: string } | null {
  return mode === "clip" || mode === "scale" ? null : { option: "mode", problem: `mode is ${show(mode)}. It needs "clip" or "scale".` };
}
