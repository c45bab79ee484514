// The piece of shared memory through which threads hand out work: 32-bit words read and written atomically, and the
// arguments of the kernel as doubles.
import { allocateBlock, sharedMemory } from "../memory.ts";

/** Positions of the words. The two that everybody polls have cache lines of their own. */
export interface Words {
  /** Number of the present job and, in the low bits, how many pieces of it nobody has taken. */
  readonly ticket: number;
  /** Pieces of the present job that are done. */
  readonly done: number;
  /** Workers that sleep until the ticket changes. */
  readonly sleepers: number;
  /** 1: the main thread sleeps until `done` changes. */
  readonly mainSleeps: number;
  /** 1: a kernel trapped on a worker. */
  readonly failed: number;
  /** Workers that have loaded the module. */
  readonly ready: number;
  /** The job: which kernel, how many arguments, and the range with its cuts. */
  readonly kernel: number;
  readonly argc: number;
  readonly count: number;
  readonly grain: number;
  readonly pieces: number;
  /** `state + i`: see STATE, for worker i. */
  readonly state: number;
  /** Word at which the doubles begin. */
  readonly args: number;
}

export const STATE = { free: 0, starting: 1, ready: 2, stopping: 3 } as const;

const LINE = 16;
export const WORDS: Words = {
  ticket: 0, done: LINE, sleepers: 2 * LINE, mainSleeps: 2 * LINE + 1, failed: 2 * LINE + 2, ready: 2 * LINE + 3,
  kernel: 3 * LINE, argc: 3 * LINE + 1, count: 3 * LINE + 2, grain: 3 * LINE + 3, pieces: 3 * LINE + 4, state: 4 * LINE, args: 8 * LINE,
};
export const MAXIMUM_THREADS = 64;
export const MAXIMUM_ARGUMENTS = 32;
/** Pieces of a job are counted in this many low bits of the ticket. */
export const PIECE_BITS = 10;

export interface Board {
  readonly address: number;
  readonly words: Int32Array;
  readonly args: Float64Array;
}

export function makeBoard(): Board {
  const { address } = allocateBlock(WORDS.args * 4 + MAXIMUM_ARGUMENTS * 8);
  const { buffer } = sharedMemory();
  const words = new Int32Array(buffer, address, WORDS.args).fill(0);
  return { address, words, args: new Float64Array(buffer, address + WORDS.args * 4, MAXIMUM_ARGUMENTS) };
}
