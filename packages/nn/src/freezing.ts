// Which parameters a name or pattern means, and freezing those.
import { ArgumentError } from "@llr/tensor";
import type { NamedParameter } from "./module.ts";

/** Freezes what the patterns fit, or lets it learn again: all or, if one fits nothing, none. Returns the names of what is frozen then. */
export function setFrozen(caller: string, parameters: readonly NamedParameter[], patterns: string | readonly string[], frozen: boolean): string[] {
  const chosen = [patterns].flat().flatMap((pattern) => {
    const fitting = parameters.filter(({ name }) => fits(pattern, name));
    if (fitting.length === 0) throw new ArgumentError(caller, `${pattern} fits none of the parameters ${parameters.map((p) => p.name).join(", ")}. It needs the name of a layer or parameter; * stands for any characters.`);
    return fitting;
  });
  for (const { parameter } of chosen) parameter.frozen = frozen;
  return parameters.filter(({ parameter }) => parameter.frozen).map(({ name }) => name);
}

/** Whether the pattern is that of the whole name or of its beginning up to a dot: of a module around it. */
export function fits(pattern: string, name: string): boolean {
  const text = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)).join(".*");
  return new RegExp(String.raw`^${text}(\.|$)`, "s").test(name);
}
