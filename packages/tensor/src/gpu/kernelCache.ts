/** A program whose shapes never repeat would otherwise keep every kernel it ever compiled. */
const MOST_KERNELS = 4096;

/** Compiled kernels by their text. The oldest goes when there are too many; it is compiled again if it is needed again. */
export class KernelCache<K> {
  /** Kernels compiled so far. In a training loop this stands still after the first steps. */
  compiled = 0;
  private readonly entries = new Map<string, K>();
  private readonly most: number;
  private readonly discard: (kernel: K) => void;

  constructor(discard: (kernel: K) => void, most: number = MOST_KERNELS) {
    this.discard = discard;
    this.most = most;
  }

  get(key: string, compile: () => K): K {
    const known = this.entries.get(key);
    if (known !== undefined) return known;
    const kernel = compile();
    this.compiled++;
    this.entries.set(key, kernel);
    if (this.entries.size > this.most) {
      const [[oldestKey, oldest]] = this.entries;
      this.entries.delete(oldestKey);
      this.discard(oldest);
    }
    return kernel;
  }

  values(): Iterable<K> {
    return this.entries.values();
  }
}

/** Kernels by a key of what their sources depend on: to write a source takes longer than to start its kernel. */
export const writtenKernels = <K>(): KernelCache<K> => new KernelCache<K>(() => {});
