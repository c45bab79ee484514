import { OptionError } from "@llr/optim";
import type { Numbers, Tensor } from "@llr/tensor";
import { moveToMemory } from "@llr/tensor/engine";

/** Copies on their way. More would only pile up where a loop hands steps over faster than they are computed. */
const MOST_UNDER_WAY = 2;

interface Snapshot {
  readonly step: number;
  readonly numbers: readonly Numbers[];
}

/**
 * Copies of tensors, each of one moment: all of a copy's numbers arrive, or the copy does not count. They are read without
 * waiting. A moment at which two copies are still under way is passed over.
 */
export class Snapshots {
  private readonly tensors: readonly Tensor[];
  private readonly every: number;
  private readonly where: string;
  private latest: Snapshot | null = null;
  private readonly underWay = new Set<Promise<void>>();

  constructor(tensors: readonly Tensor[], every: number, where: string) {
    if (!Number.isSafeInteger(every) || every < 0) throw new OptionError(where, "snapshotEvery", `snapshotEvery is ${String(every)}. It needs a whole number >= 0.`);
    this.tensors = tensors;
    this.every = every;
    this.where = where;
    this.take(0);
  }

  take(step: number): void {
    if (this.every === 0 || step % this.every !== 0 || this.underWay.size >= MOST_UNDER_WAY) return;
    const arriving: Promise<void> = Promise.all(this.tensors.map((t) => t.read())).then(
      (numbers) => {
        this.latest = { step, numbers };
      },
      () => {}, // whoever next asks something of the device is told
    ).finally(() => this.underWay.delete(arriving));
    this.underWay.add(arriving);
  }

  /** Moves the tensors to memory, with the numbers of the latest whole copy. */
  async restore(): Promise<number> {
    await Promise.all(this.underWay);
    if (this.latest === null) throw new OptionError(this.where, "snapshotEvery", `no copy of the parameters has arrived (snapshotEvery is ${this.every}). It needs at least one; what lies on the device can still be read there unless it is lost.`);
    const { step, numbers } = this.latest;
    this.tensors.forEach((t, i) => moveToMemory(t, numbers[i]));
    return step;
  }
}
