#!/usr/bin/env bash
# tinybench: the mean throughput is the mean of 1 / time, not 1 / mean time; a fast half hides a slow half.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm tinybench@6.2.3
cat > run.mjs <<'JS'
import { near, saw, versions } from "./finding.mjs";
import { Bench } from "tinybench";

versions("tinybench");
// A clock of our own: calls take 1 ms and 99 ms in turn, so a second holds 20 calls.
let clock = 0;
let calls = 0;
const bench = new Bench({ time: 0, iterations: 200, warmup: false, timestampProvider: { name: "counted", fn: () => clock, fromMs: (ms) => ms, toMs: (t) => t } });
bench.add("in turn", () => void (clock += calls++ % 2 === 0 ? 1 : 99));
await bench.run();
const { latency, throughput } = bench.tasks[0].result;
saw("calls in turn of 1 ms and 99 ms: mean latency, ms", { guess: 50, got: latency.mean, holds: near(latency.mean, 50, 0.02) });
saw("mean throughput, calls a second", { guess: 20, got: throughput.mean, holds: near(throughput.mean, 505, 0.02) });
JS
node run.mjs
