import type { Kernels } from "./compiled.ts";
import { kernels } from "./kernels.ts";
import { shareWork } from "./threads.ts";

/** The arguments of a kernel before the range that it ends with. */
type Leading<F> = F extends (...args: [...infer Rest extends number[], number, number]) => void ? Rest : never;

/**
 * Runs a kernel over the range [0, count), cut between as many threads as there are: the kernel's last two parameters are
 * the part's ends, `from` and `to`. Parts begin at multiples of `grain`, which should be worth about 2 us of work.
 *
 * The kernel must give the same bits however the range is cut at such places: every index writes results of its own.
 * A sum over the range is one result for each block of fixed size, added up in order by the caller.
 */
export function parallel<K extends keyof Kernels>(kernel: K, args: Leading<Kernels[K]>, count: number, grain: number): void {
  if (!shareWork(kernel, args, count, grain)) (kernels()[kernel] as (...args: number[]) => void)(...args, 0, count);
}
