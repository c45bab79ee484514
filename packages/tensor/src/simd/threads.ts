// Workers that help with kernels. The main thread hands out work and takes part in it; without workers it does all of it.
import { ArgumentError, InternalError } from "../errors.ts";
import { sharedMemory } from "../memory.ts";
import type { Board } from "./board.ts";
import { makeBoard, MAXIMUM_ARGUMENTS, MAXIMUM_THREADS, PIECE_BITS, STATE, WORDS } from "./board.ts";
import type { Kernels } from "./compiled.ts";
import { hasSimd, kernels, variant } from "./kernels.ts";
import { startWorker, workersRefused } from "./startWorker.ts";

/** A worker that has not reported by then is not waited for. */
const START_LIMIT_MS = 30_000;
/** Longer than any piece of work takes. */
const PIECE_LIMIT_MS = 60_000;
/** More pieces than threads: who is held up by other programs leaves its share to the others. */
const PIECES_PER_THREAD = 8;

/** Reads of a word before going to sleep over it: about 50 us. */
const LOOKS = 20_000;
/** The main thread of a web page must not sleep. */
const maySleep = !("window" in globalThis);

interface Clock { readonly performance: { now(): number }; setTimeout(callback: () => void, ms: number): unknown }
const { performance, setTimeout } = globalThis as unknown as Clock;
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

let board: Board | null = null;
let names: string[] = [];
/** Kernel names to their positions in `names`. */
let positions = new Map<string, number>();
/** Indices of the workers that were started and not told to end. */
const workers: number[] = [];
let wanted = 1;
let slots = 1;
let problem: string | null = null;
let job = 0;

/** How many threads work on kernels now, and why no more. */
export function threadsNow(): { readonly threads: number; readonly reason: string } {
  const threads = 1 + readyWorkers();
  if (problem !== null) return { threads, reason: problem };
  if (threads < wanted) return { threads, reason: `${wanted} are asked for, and ${wanted - threads} not ready yet` };
  return { threads, reason: wanted === 1 ? "the default; setThreads() starts more" : "asked for by setThreads()" };
}

const readyWorkers = (): number => (board === null ? 0 : Math.min(workers.length, Atomics.load(board.words, WORDS.ready)));

/**
 * How many pieces of scratch memory a kernel needs that takes the one of its `threadIndex`. It never shrinks: a worker that
 * was told to end may still take a last piece.
 */
export const threadSlots = (): number => slots;

/**
 * Lets `count` threads work on kernels, this one included; 1 is the default. Results do not depend on it, to the last bit.
 * Workers help as soon as they are up, which takes some 30 ms; between ops they sleep, and they do not keep the process
 * alive. More threads than free cores make everything slower.
 *
 * Where no worker can be started nothing is thrown: `describeBackend().threadsReason` says why.
 *
 * @returns settled when every worker is up, or given up after 30 s; nobody needs to wait for it
 * @throws ArgumentError unless count is a whole number from 1 to 64
 * @example
 * import { describeBackend, setThreads } from "@llr/tensor";
 * await setThreads(2);
 * describeBackend().threads // => 2
 * await setThreads(1);
 * describeBackend().threads // => 1
 */
export async function setThreads(count: number): Promise<void> {
  if (!Number.isInteger(count) || count < 1 || count > MAXIMUM_THREADS)
    throw new ArgumentError("setThreads", `the number of threads is ${String(count)}. It needs a whole number from 1 to ${MAXIMUM_THREADS}; more than the machine's cores slow everything down.`);
  wanted = count;
  problem = null;
  dismiss(workers.splice(count - 1));
  if (workers.length === count - 1) return;
  problem = hasSimd() ? workersRefused() : "only compiled kernels are shared between threads, and this engine cannot run them";
  if (problem !== null) return;
  prepare();
  const starting: Promise<void>[] = [];
  for (let i = 1; i < MAXIMUM_THREADS && workers.length < count - 1; i++) if (Atomics.load(board!.words, WORDS.state + i) === STATE.free) starting.push(start(i));
  await Promise.all(starting);
}

function prepare(): void {
  if (board !== null) return;
  const exported = kernels();
  names = Object.keys(exported).filter((name) => typeof exported[name as keyof Kernels] === "function");
  positions = new Map(names.map((name, i) => [name, i]));
  board = makeBoard();
}

/** Tells workers to end; who is at work finishes it first. */
function dismiss(leaving: readonly number[]): void {
  if (leaving.length === 0) return;
  const { words } = board!;
  for (const i of leaving) Atomics.store(words, WORDS.state + i, STATE.stopping);
  // An empty job: it wakes everybody, and there is nothing to take.
  publish(words, 0);
}

async function start(index: number): Promise<void> {
  const { words, address } = board!;
  workers.push(index);
  slots = Math.max(slots, index + 1);
  Atomics.store(words, WORDS.state + index, STATE.starting);
  const state = (): number => Atomics.load(words, WORDS.state + index);
  const failure: { message?: string } = {};
  const task = { module: variant()!.module, memory: sharedMemory(), board: address, words: WORDS, states: STATE, pieceBits: PIECE_BITS, maximumArguments: MAXIMUM_ARGUMENTS, names, index };
  try {
    const { release } = startWorker(task, (message) => (failure.message = message));
    const deadline = performance.now() + START_LIMIT_MS;
    while (state() === STATE.starting && failure.message === undefined && performance.now() < deadline) await pause(2);
    release();
  } catch (error) {
    failure.message = (error as Error).message;
  }
  if (state() !== STATE.starting) return;
  problem = `a worker has not come up: ${failure.message ?? `no sign of life for ${START_LIMIT_MS / 1000} s`}`;
  workers.splice(workers.indexOf(index), 1);
  Atomics.store(words, WORDS.state + index, failure.message === undefined ? STATE.stopping : STATE.free);
}

/** Makes the job on the board known. Until then the ticket of the last job stands, of which no piece is left. */
function publish(words: Int32Array, pieces: number): void {
  job = (job + 1) & (2 ** (31 - PIECE_BITS) - 1);
  Atomics.store(words, WORDS.ticket, (job << PIECE_BITS) + pieces);
  // Who is about to sleep looks at the ticket once more after it has counted itself.
  if (Atomics.load(words, WORDS.sleepers) > 0) Atomics.notify(words, WORDS.ticket);
}

/**
 * Runs `kernel(...args, from, to)` for parts of [0, count) that begin at multiples of `grain`, on every thread that is
 * ready. False: there is none but this one, or nothing to share.
 */
export function shareWork(kernel: keyof Kernels, args: readonly number[], count: number, grain: number): boolean {
  const helpers = readyWorkers();
  if (helpers === 0 || count <= grain) return false;
  const { words, args: numbers } = board!;
  const units = Math.ceil(count / grain);
  const pieces = Math.min(units, (1 + helpers) * PIECES_PER_THREAD);
  words[WORDS.kernel] = positions.get(kernel)!;
  words[WORDS.argc] = args.length;
  words[WORDS.count] = count;
  words[WORDS.grain] = grain;
  words[WORDS.pieces] = pieces;
  for (let i = 0; i < args.length; i++) numbers[i] = args[i];
  Atomics.store(words, WORDS.done, 0);
  publish(words, pieces);
  const run = kernels()[kernel] as (...args: number[]) => void;
  let trap: unknown;
  for (let piece = take(words, pieces); piece >= 0; piece = take(words, pieces)) {
    const from = Math.floor((units * piece) / pieces) * grain;
    const to = Math.min(count, Math.floor((units * (piece + 1)) / pieces) * grain);
    try {
      if (trap === undefined) run(...args, from, to);
    } catch (error) {
      trap = error; // the board is free only when every piece is accounted for
    }
    Atomics.add(words, WORDS.done, 1);
  }
  waitForOthers(words, kernel, pieces);
  if (trap !== undefined) throw trap;
  return true;
}

/** The next piece of the present job, or -1. */
function take(words: Int32Array, pieces: number): number {
  for (;;) {
    const ticket = Atomics.load(words, WORDS.ticket);
    const left = ticket & (2 ** PIECE_BITS - 1);
    if (left === 0) return -1;
    if (Atomics.compareExchange(words, WORDS.ticket, ticket, ticket - 1) === ticket) return pieces - left;
  }
}

/** Every piece is taken; those that others took may still be under way. */
function waitForOthers(words: Int32Array, kernel: string, pieces: number): void {
  let done = Atomics.load(words, WORDS.done);
  for (let look = 0; done < pieces && look < LOOKS; look++) done = Atomics.load(words, WORDS.done);
  if (done < pieces) waitLonger(words, kernel, pieces);
  if (Atomics.load(words, WORDS.failed) === 0) return;
  Atomics.store(words, WORDS.failed, 0);
  throw new InternalError(`the kernel ${kernel} failed on a worker.`);
}

function waitLonger(words: Int32Array, kernel: string, pieces: number): void {
  const deadline = performance.now() + PIECE_LIMIT_MS;
  for (let done = Atomics.load(words, WORDS.done); done < pieces; done = Atomics.load(words, WORDS.done)) {
    if (performance.now() > deadline) throw new InternalError(`a worker has not finished its part of ${kernel} for ${PIECE_LIMIT_MS / 1000} s.`);
    if (!maySleep) continue;
    Atomics.store(words, WORDS.mainSleeps, 1);
    Atomics.wait(words, WORDS.done, done, 10);
    Atomics.store(words, WORDS.mainSleeps, 0);
  }
}
