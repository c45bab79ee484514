import { setArithmetic } from "@llr/tensor";
import type { Command } from "commander";

/**
 * `--portable`: the kernels of this process round after every product, as every processor can, instead of fusing it with the
 * addition where the engine and the processor can. Processes that the command starts must be told (see Job).
 */
export function addPortable(command: Command): Command {
  return command
    .option("--portable", "the same bits with and without fused multiply-add, so on every processor; slower", false)
    .hook("preAction", () => usePortable(command.opts<{ portable: boolean }>().portable));
}

/** Before the first op of the process. */
export function usePortable(portable: boolean): void {
  if (portable) setArithmetic("portable");
}
