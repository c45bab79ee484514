import { ArgumentError } from "./errors.ts";

/** Everything a generator is, as plain JSON. */
export interface RngState {
  readonly algorithm: "xoshiro128**";
  /** 64 bits, 16 hexadecimal digits: what the named streams derive from. It never changes by drawing. */
  readonly key: string;
  /** The four 32-bit words of xoshiro128**. */
  readonly words: readonly [number, number, number, number];
  /** The second value of the last pair of normals, when only one has been asked for. */
  readonly spare: number | null;
}

/** Arrays that can be shuffled: ordinary ones and typed ones. */
type Indexed<T> = { readonly length: number; [index: number]: T };

const TWO_32 = 2 ** 32;

/**
 * A seeded random generator: xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021;
 * period 2^128 - 1), its state filled from the seed by splitmix64, as its authors advise. It is no source of secrets.
 *
 * Every consumer of randomness takes a stream with a name of its own. A stream depends on the seed and the names that
 * lead to it, never on how much was drawn elsewhere, so a new consumer does not shift the numbers of the others.
 *
 * The same seed gives the same integers and uniforms on every machine. `normal` calls `Math.log`, which the language
 * does not specify to the last bit.
 *
 * @throws ArgumentError if the seed is not an integer from 0 to 2^53 - 1
 * @example
 * import { Rng } from "@llr/tensor";
 * const rng = new Rng(7);
 * rng.stream("shuffle").permutation(5) // => [1, 0, 4, 3, 2]
 * rng.uint32(); // a draw here changes nothing there
 * rng.stream("shuffle").permutation(5) // => [1, 0, 4, 3, 2]
 * new Rng(-1) // throws Rng: the seed is -1
 */
export class Rng {
  #key = 0n;
  // A typed array, because words above 2^31 in plain fields would be boxed at each draw.
  readonly #words: Uint32Array = new Uint32Array(4);
  #spare: number | null = null;

  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new ArgumentError("Rng", `the seed is ${String(seed)}. It must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}.`);
    this.#start(BigInt(seed));
  }

  /**
   * An independent generator for one purpose. Asking twice for a name gives two equal generators, each at its start.
   *
   * @param name  any text; `stream("a").stream("b")` and `stream("ab")` are different
   */
  stream(name: string): Rng {
    // Mixed before the first letter comes in, else neighbouring seeds would share streams: 1 ^ "b" is 2 ^ "a".
    let key = splitmix64(this.#key);
    for (let i = 0; i < name.length; i++) key = splitmix64(key ^ BigInt(name.charCodeAt(i)));
    const child = new Rng(0);
    // The end of a name is a symbol that no name contains: a character code has 16 bits.
    child.#start(splitmix64(key ^ 0x10000n));
    return child;
  }

  /** A snapshot to store; `Rng.fromState` goes on exactly from here. */
  state(): RngState {
    const [a, b, c, d] = this.#words;
    return { algorithm: "xoshiro128**", key: this.#key.toString(16).padStart(16, "0"), words: [a, b, c, d], spare: this.#spare };
  }

  /**
   * The generator that `state()` was taken of, also after a way through JSON.
   *
   * @throws ArgumentError if it is not such a state
   */
  static fromState(state: RngState): Rng {
    const problem = problemOf(state);
    if (problem) throw new ArgumentError("Rng.fromState", `${problem}. It needs what rng.state() returned.`);
    const rng = new Rng(0);
    rng.#key = BigInt(`0x${state.key}`);
    rng.#words.set(state.words);
    rng.#spare = state.spare;
    return rng;
  }

  /** The next integer in [0, 2^32). */
  uint32(): number {
    const w = this.#words;
    const times5 = Math.imul(w[1], 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
    const shifted = w[1] << 9;
    w[2] ^= w[0];
    w[3] ^= w[1];
    w[1] ^= w[2];
    w[0] ^= w[3];
    w[2] ^= shifted;
    w[3] = (w[3] << 11) | (w[3] >>> 21);
    return result;
  }

  /**
   * The next number in [lo, hi), from 53 random bits; lo when both are equal.
   *
   * @throws ArgumentError unless lo <= hi and hi - lo is finite
   */
  uniform(lo = 0, hi = 1): number {
    if (!(lo <= hi && hi - lo < Infinity)) throw new ArgumentError("Rng.uniform", `lo is ${lo}, hi is ${hi}. It needs finite lo <= hi.`);
    const x = lo + (hi - lo) * this.#unit();
    // The sum may round up to hi, which is outside.
    return x < hi ? x : lo;
  }

  /**
   * The next integer in [0, n), each exactly equally likely.
   *
   * @throws ArgumentError unless n is an integer from 1 to 2^32
   */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > TWO_32) throw new ArgumentError("Rng.integer", `n is ${n}. It must be an integer from 1 to 2^32.`);
    // Draws beyond the last whole multiple of n would favour the small remainders; they are thrown away.
    const limit = TWO_32 - (TWO_32 % n);
    let draw = this.uint32();
    while (draw >= limit) draw = this.uint32();
    return draw % n;
  }

  /**
   * The next number from the normal distribution, by Marsaglia's polar method (1964), which makes them in pairs.
   *
   * @throws ArgumentError unless mean is finite and std is finite and not negative
   */
  normal(mean = 0, std = 1): number {
    if (!Number.isFinite(mean) || !(std >= 0 && std < Infinity))
      throw new ArgumentError("Rng.normal", `mean is ${mean}, std is ${std}. It needs a finite mean and a finite std >= 0.`);
    return mean + std * this.#standardNormal();
  }

  /** The integers 0 ... n-1 in random order, each order equally likely. */
  permutation(n: number): Int32Array {
    if (!Number.isInteger(n) || n < 0 || n > 2 ** 31) throw new ArgumentError("Rng.permutation", `n is ${n}. It must be an integer from 0 to 2^31.`);
    const order = new Int32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    this.shuffle(order);
    return order;
  }

  /** Puts the elements in random order, in place (Fisher and Yates; Durstenfeld 1964). */
  shuffle<T>(array: Indexed<T>): void {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const element = array[i];
      array[i] = array[j];
      array[j] = element;
    }
  }

  /** Fills the array with `uniform(lo, hi)`. Rounding to float32 can turn the largest values into hi. */
  fillUniform(array: Float32Array | Float64Array, lo = 0, hi = 1): void {
    for (let i = 0; i < array.length; i++) array[i] = this.uniform(lo, hi);
  }

  /** Fills the array with `normal(mean, std)`. */
  fillNormal(array: Float32Array | Float64Array, mean = 0, std = 1): void {
    for (let i = 0; i < array.length; i++) array[i] = this.normal(mean, std);
  }

  #start(key: bigint): void {
    this.#key = key;
    const first = splitmix64(key);
    const second = splitmix64(key + GAMMA);
    // Never all zero, the one state that xoshiro cannot leave: splitmix64 is a bijection, so `first` differs from `second`.
    this.#words.set([first, first >> 32n, second, second >> 32n].map((word) => Number(BigInt.asUintN(32, word))));
    this.#spare = null;
  }

  /** 53 bits in [0, 1): 27 of one draw above 26 of the next. */
  #unit(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low) * 2 ** -53;
  }

  #standardNormal(): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return spare;
    }
    let x: number, y: number, squared: number;
    do {
      x = 2 * this.#unit() - 1;
      y = 2 * this.#unit() - 1;
      squared = x * x + y * y;
    } while (squared >= 1 || squared === 0);
    const scale = Math.sqrt((-2 * Math.log(squared)) / squared);
    this.#spare = y * scale;
    return x * scale;
  }
}

/** 2^64 divided by the golden ratio, made odd: the step of splitmix64. */
const GAMMA = 0x9e3779b97f4a7c15n;

/** The output of splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014) that follows state x. */
function splitmix64(x: bigint): bigint {
  let z = BigInt.asUintN(64, x + GAMMA);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}

/** States come from files: each field is checked before it is used. */
function problemOf(state: Partial<Record<keyof RngState, unknown>> | null): string | null {
  if (typeof state !== "object" || state === null) return `the state is ${String(state)}`;
  const { algorithm, key, words, spare } = state;
  if (algorithm !== "xoshiro128**") return `the state's algorithm is ${String(algorithm)}, not xoshiro128**`;
  if (typeof key !== "string" || !/^[0-9a-f]{16}$/.test(key)) return `the state's key is ${String(key)}, not 16 hexadecimal digits`;
  const isWord = (word: unknown): boolean => Number.isInteger(word) && (word as number) >= 0 && (word as number) < TWO_32;
  if (!Array.isArray(words) || words.length !== 4 || !words.every(isWord)) return `the state's words are [${String(words)}], not four integers in [0, 2^32)`;
  if (words.every((word) => word === 0)) return "the state's words are all zero";
  return spare === null || Number.isFinite(spare) ? null : `the state's spare is ${String(spare)}, not a finite number or null`;
}
