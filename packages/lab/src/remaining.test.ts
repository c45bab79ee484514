import { describe, expect, it } from "vitest";
import { Rng } from "@llr/tensor";
import { remainingTime } from "./remaining.ts";

describe("the time that remains", () => {
  it("is told only when it is right within a factor of 2, for slow first steps, starts of processes and unequal arms", () => {
    const rng = new Rng(1);
    let told = 0;
    for (let run = 0; run < 200; run++) {
      const [jobs, workers, steps] = [1 + rng.integer(7), 1 + rng.integer(3), 20 + rng.integer(2000)];
      const [stepMs, startMs, slowSteps, slower] = [2 * 30 ** rng.uniform(), rng.uniform(200, 3000), rng.integer(10), rng.uniform(1, 20)];
      // Every event of the run: when which job has done how much; ends of jobs as done = NaN.
      const events: { at: number; job: number; done: number }[] = [];
      const free = Array.from({ length: workers }, () => 0);
      for (let job = 0; job < jobs; job++) {
        const worker = free.indexOf(Math.min(...free));
        let at = free[worker] + startMs * rng.uniform(0.8, 1.25);
        const own = stepMs * rng.uniform(0.8, 1.25);
        for (let done = 1; done <= steps; done++) {
          at += own * rng.uniform(0.5, 1.5) * (done <= slowSteps ? slower : 1);
          events.push({ at, job, done });
        }
        events.push({ at, job, done: NaN });
        free[worker] = at;
      }
      events.sort((a, b) => a.at - b.at);
      const end = Math.max(...free);
      let now = 0;
      const remaining = remainingTime({ jobs, steps, workers }, () => now);
      let askedAt = 0;
      for (const { at, job, done } of events) {
        now = at;
        if (Number.isNaN(done)) remaining.end(job);
        else remaining.observe(job, done);
        if (now - askedAt < 250) continue;
        askedAt = now;
        const left = remaining.left();
        const truth = end - now;
        if (left === null) continue;
        told++;
        // A second more or less is no error to a reader of whole seconds.
        expect(left, `run ${run}, ${now.toFixed(0)} of ${end.toFixed(0)} ms`).toBeLessThan(2 * truth + 1000);
        expect(left, `run ${run}, ${now.toFixed(0)} of ${end.toFixed(0)} ms`).toBeGreaterThan(truth / 2 - 1000);
      }
    }
    expect(told).toBeGreaterThan(1000);
  });

  it("is not told after one step", () => {
    let now = 0;
    const remaining = remainingTime({ jobs: 7, steps: 4690, workers: 2 }, () => now);
    now = 2500;
    remaining.observe(0, 1);
    expect(remaining.left()).toBe(null);
    now = 2800;
    remaining.observe(1, 1);
    expect(remaining.left()).toBe(null);
  });
});
