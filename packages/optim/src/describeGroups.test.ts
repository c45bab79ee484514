import { expect, it } from "vitest";
import { describeGroups } from "./describeGroups.ts";
import { spread } from "./layerScales/spread.ts";
import { lars } from "./optimizers/lars.ts";
import { sgd } from "./optimizers/sgd.ts";
import { cosine } from "./schedules/cosine.ts";
import { linear } from "./schedules/linear.ts";
import { multiply } from "./schedules/multiply.ts";
import { oneCycle } from "./schedules/oneCycle.ts";
import { warmUp } from "./schedules/warmUp.ts";
import { decoupled } from "./weightDecay.ts";

it("shows the rate of the next step, layer scale included, and decay as none where a parameter is excluded", () => {
  const params = ["conv.weight", "conv.bias", "fc.weight"].map((name) => ({ name, data: new Float32Array(6), grad: null, shape: name.endsWith("bias") ? [6] : [2, 3] }));
  const optimizer = lars(params, { lr: (t) => 0.2 + t, layerScale: spread(0.1, 1), groups: [{ name: "head", params: "fc.*", weightDecay: decoupled(0.1) }] });
  optimizer.step();
  expect(describeGroups(optimizer).split("\n")).toEqual([
    "group    parameter    shape   layer  lr    decay",
    "default  conv.weight  [2, 3]  conv   0.12  l2 0.0001",
    "default  conv.bias    [6]     conv   0.12  none",
    "head     fc.weight    [2, 3]  fc     1.2   decoupled 0.1",
    "",
    "group    option      schedule",
    "default  lr          a function",
    "default  layerScale  spread(0.1, 1)",
    "head     lr          a function",
    "head     layerScale  spread(0.1, 1)",
  ]);
});

it("shows each schedule as the call that made it, and says nothing about options that stay", () => {
  const params = ["body", "head"].map((name) => ({ name, data: new Float32Array(1), grad: null }));
  const cycle = oneCycle({ peak: 0.4, steps: 2000 });
  const rate = (t: number): number => 1 / (t + 2);
  const optimizer = sgd(params, { ...cycle, weightDecay: decoupled(linear({ start: 0, end: 1 / 3, steps: 9 })), groups: [{ params: "head", lr: warmUp(multiply(cosine({ start: 1, steps: 90 }), 0.1), { steps: 10 }), momentum: rate, weightDecay: 0 }] });
  expect(describeGroups(optimizer).split("\n").slice(4)).toEqual([
    "group    option       schedule",
    "default  lr           oneCycle({ peak: 0.4, steps: 2000 }).lr",
    "default  momentum     oneCycle({ peak: 0.4, steps: 2000 }).momentum",
    "default  weightDecay  linear({ start: 0, end: 0.333333, steps: 9 })",
    "head     lr           warmUp(multiply(cosine({ start: 1, steps: 90 }), 0.1), { steps: 10 })",
    "head     momentum     rate",
  ]);
  expect(describeGroups(sgd(params, { lr: 0.1 }))).not.toContain("schedule");
});
