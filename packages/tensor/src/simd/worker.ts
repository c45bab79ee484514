import type { STATE, Words } from "./board.ts";

/** What a worker is started with: everything can be sent to another thread. */
export interface WorkerTask {
  readonly module: object;
  readonly memory: object;
  /** Address of the board. */
  readonly board: number;
  readonly words: Words;
  readonly states: typeof STATE;
  readonly pieceBits: number;
  readonly maximumArguments: number;
  /** Names of the module's functions, in the order by which jobs refer to them. */
  readonly names: readonly string[];
  /** 1, 2, ... */
  readonly index: number;
}

/**
 * The whole program of a worker. It is sent as text, so it refers to nothing outside itself and holds no named functions
 * (some bundlers wrap these in a helper of theirs).
 *
 * It takes pieces of the present job until none is left, then watches for the next job: a short while by looking again and
 * again, because an answer then takes 0.2 us, and asleep after that, because waking takes 50.
 */
export function workerMain({ module, memory, board, words, states, pieceBits, maximumArguments, names, index }: WorkerTask): void {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { Instance: new (module: object, imports: object) => { exports: Record<string, (...args: number[]) => void> } } };
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  exports["moduleSetThread"](index);
  const { buffer } = memory as { buffer: SharedArrayBuffer };
  const word = new Int32Array(buffer, board, words.args);
  const slots = new Float64Array(buffer, board + words.args * 4, maximumArguments);
  const looks = 20_000; // about 50 us
  const mask = (1 << pieceBits) - 1;
  let seen = Atomics.load(word, words.ticket);
  const own = words.state + index;
  const isWanted = Atomics.compareExchange(word, own, states.starting, states.ready) === states.starting;
  if (isWanted) Atomics.add(word, words.ready, 1);
  while (Atomics.load(word, own) === states.ready) {
    let ticket = seen; // of a job of which nothing is left for this worker
    for (let look = 0; look < looks && ticket === seen; look++) ticket = Atomics.load(word, words.ticket);
    if (ticket === seen) {
      Atomics.add(word, words.sleepers, 1);
      Atomics.wait(word, words.ticket, seen);
      Atomics.sub(word, words.sleepers, 1);
      continue;
    }
    seen = ticket;
    // The ticket says all: whose job it is of, so that who was held up takes nothing of a later one, and how many pieces are
    // left, so that nothing is taken of a finished job while the next one is being written onto the board.
    const left = ticket & mask;
    if (left === 0 || Atomics.compareExchange(word, words.ticket, ticket, ticket - 1) !== ticket) continue;
    try {
      const piece = word[words.pieces] - left;
      const units = Math.ceil(word[words.count] / word[words.grain]);
      const from = Math.floor((units * piece) / word[words.pieces]) * word[words.grain];
      const to = Math.min(word[words.count], Math.floor((units * (piece + 1)) / word[words.pieces]) * word[words.grain]);
      const args: number[] = [];
      for (let i = 0; i < word[words.argc]; i++) args.push(slots[i]);
      args.push(from, to);
      Reflect.apply(exports[names[word[words.kernel]]], null, args);
    } catch {
      Atomics.store(word, words.failed, 1);
    }
    Atomics.add(word, words.done, 1);
    if (Atomics.load(word, words.mainSleeps) === 1) Atomics.notify(word, words.done);
  }
  if (isWanted) Atomics.sub(word, words.ready, 1);
  Atomics.store(word, own, states.free);
}
