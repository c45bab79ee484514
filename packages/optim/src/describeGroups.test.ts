import { expect, it } from "vitest";
import { describeGroups } from "./describeGroups.ts";
import { spread } from "./layerScales/spread.ts";
import { lars } from "./optimizers/lars.ts";
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
  ]);
});
