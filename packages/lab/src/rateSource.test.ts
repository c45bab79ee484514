import { describe, expect, it } from "vitest";
import { rateSourceWarning, type Setting } from "./rateSource.ts";

const SWEPT: Setting = { model: "lenet5", dataset: "mnist", epochs: 5, batchSize: 64, images: 55_000 };
const warning = (changes: Partial<Setting>, scale = 1) => rateSourceWarning({ from: "runs/sweep", foundFor: SWEPT, scale }, { ...SWEPT, ...changes });

describe("the warning that rates were found for another training", () => {
  it("is silent for the training of the sweep, with or without the images set aside", () => {
    expect(warning({})).toBeNull();
    expect(warning({ images: 60_000 })).toBeNull();
  });

  it.each<Partial<Setting>>([{ model: "mlp" }, { dataset: "other" }, { epochs: 1 }, { batchSize: 128 }, { images: 6400 }])("names both trainings for %o", (changes) => {
    expect(warning(changes)).toMatch(/runs\/sweep\): lenet5 on 55,000 images of mnist, 5 epochs in batches of 64\. This one is /);
  });

  it("says so when the rates were multiplied", () => {
    expect(warning({}, 12)).toContain("12 times what was found (--rate-scale)");
    expect(warning({ epochs: 1 }, 12)).toMatch(/1 epoch in batches of 64, and every arm's rate is 12 times/);
  });
});
