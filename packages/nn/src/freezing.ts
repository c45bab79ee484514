// Which parameters a name or pattern means, and freezing those.
import type { Parameter } from "@llr/autograd";
import { ArgumentError } from "@llr/tensor";

/** Freezes what the patterns fit, or lets it learn again: all or, if one fits nothing, none. Returns the names of what is frozen then. */
export function setFrozen(caller: string, parameters: readonly Parameter[], patterns: string | readonly string[], frozen: boolean): string[] {
  const chosen = [patterns].flat().flatMap((pattern) => {
    const fitting = parameters.filter(({ name }) => fits(pattern, name));
    if (fitting.length === 0) throw new ArgumentError(caller, `${pattern} fits none of the parameters ${parameters.map((p) => p.name).join(", ")}. It needs the name of a layer or parameter; * stands for any characters.`);
    return fitting;
  });
  for (const p of chosen) p.frozen = frozen;
  return parameters.filter((p) => p.frozen).map((p) => p.name);
}

/** Whether the pattern is that of the whole name or of its beginning up to a dot: of a module around it. */
function fits(pattern: string, name: string): boolean {
  const text = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)).join(".*");
  return new RegExp(String.raw`^${text}(\.|$)`, "s").test(name);
}
