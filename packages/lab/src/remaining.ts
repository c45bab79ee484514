// The time that remains of several trainings of equal length, some at a time: one training is the case of one.

/** A prediction that was made, in milliseconds: when, and for when. */
interface Prediction {
  readonly madeAt: number;
  readonly endsAt: number;
}

export interface Remaining {
  /** @param done steps of this job, which began at its first call if not before */
  observe(job: number, done: number): void;
  /** The job needs no more time, whatever it has done. */
  end(job: number): void;
  /** Milliseconds that remain; null while no estimate can be trusted. */
  left(): number | null;
}

/** An estimate is trusted when the one made three quarters of the way from the first foretold the same end, within this factor. */
const AGREEMENT = 1.4;
/** Less than this tells nothing. */
const FIRST_MS = 1_000;
/** The first steps are compiled while they run: they count to the start of their job. */
const SLOW_STEPS = 10;

/**
 * Jobs are started in order, `workers` at a time. A job that has not begun needs the time that others needed to begin (its
 * process starts, data are read), and then its steps. All jobs but the last few find all workers busy: the estimate lays the
 * waiting ones out on the workers as the pool will.
 *
 * @param now milliseconds
 */
export function remainingTime({ jobs, steps, workers }: { readonly jobs: number; readonly steps: number; readonly workers: number }, now: () => number): Remaining {
  const began = now();
  const slow = Math.min(SLOW_STEPS, Math.floor(steps / 4));
  const states = Array.from({ length: jobs }, () => ({ slotAt: NaN, firstAt: NaN, first: 0, at: NaN, done: 0, hasEnded: false }));
  for (const state of states.slice(0, workers)) state.slotAt = began;
  const predictions: Prediction[] = [];
  // Time and steps are averaged apart, both forgetting the past alike.
  let [time, taken] = [0, 0];

  const startUp = (): number => {
    const known = states.filter((s) => s.firstAt >= s.slotAt);
    return known.length === 0 ? 0 : known.reduce((total, s) => total + s.firstAt - s.slotAt, 0) / known.length;
  };

  function estimate(): number | null {
    if (taken === 0) return null;
    const perStep = time / taken;
    const at = now();
    const busy = states.filter((s) => !s.hasEnded && !Number.isNaN(s.slotAt)).map((s) => {
      if (Number.isNaN(s.firstAt)) return Math.max(0, startUp() - (at - s.slotAt)) + steps * perStep;
      return Math.max(0, (steps - s.done) * perStep - (at - s.at));
    });
    const free = [...busy, ...Array.from({ length: Math.max(0, workers - busy.length) }, () => 0)];
    for (const _ of states.filter((s) => !s.hasEnded && Number.isNaN(s.slotAt))) {
      const first = free.indexOf(Math.min(...free));
      free[first] += startUp() + steps * perStep;
    }
    return Math.max(...free);
  }

  return {
    observe(job, done) {
      const state = states[job];
      const at = now();
      if (Number.isNaN(state.slotAt)) state.slotAt = at;
      if (done < slow) return;
      if (Number.isNaN(state.firstAt)) Object.assign(state, { firstAt: at, first: done });
      else {
        // A rate of its own forgets at the pace of the steps, not of the calls: a twentieth of a job is remembered.
        const kept = Math.exp((-20 * (done - state.done)) / (steps * Math.min(jobs, workers)));
        time = kept * time + (at - state.at);
        taken = kept * taken + (done - state.done);
      }
      Object.assign(state, { at, done });
    },
    end(job) {
      if (states[job].hasEnded) return;
      states[job].hasEnded = true;
      const next = states.find((s) => Number.isNaN(s.slotAt));
      if (next) next.slotAt = now();
    },
    left() {
      const at = now();
      const rest = estimate();
      if (rest === null) return null;
      predictions.push({ madeAt: at, endsAt: at + rest });
      const firstAt = Math.min(...states.map((s) => s.firstAt).filter((t) => !Number.isNaN(t)));
      if (at - firstAt < FIRST_MS) return null;
      const earlier = predictions.findLast((p) => p.madeAt <= firstAt + 0.75 * (at - firstAt));
      if (earlier === undefined) return null;
      const foretold = Math.max(0, earlier.endsAt - at);
      return Math.max(foretold, rest) <= AGREEMENT * Math.min(foretold, rest) + FIRST_MS / 2 ? rest : null;
    },
  };
}
