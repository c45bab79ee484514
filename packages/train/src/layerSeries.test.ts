import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StepRecord } from "@llr/optim";
import { LAYER_COLUMNS, layerSeriesWriter, readLayerSeries } from "./index.ts";

const parameters = ["conv1.weight", "fc.weight"].map((name) => ({ name, layer: name.split(".")[0], shape: [2, 3] }));
const number = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 0));
const record = (name: string) => fc.record({
  name: fc.constant(name), layer: fc.constant(name.split(".")[0]), lr: number, trust: number, rate: number, weightNorm: number, gradNorm: number, updateNorm: number,
  limitedBy: fc.constantFrom(null, "schedule" as const, "floor" as const, "zeroNorm" as const), skipped: fc.constant(null),
});

describe("layer series", () => {
  it("read back what was written, whatever the numbers and the length of chunks", () => {
    const run = fc.array(fc.tuple(record("conv1.weight"), record("fc.weight")), { maxLength: 12 });
    fc.assert(
      fc.property(run, fc.integer({ min: 1, max: 5 }), (records: StepRecord[][], chunk) => {
        const lines: string[] = [];
        const writer = layerSeriesWriter(parameters, (line) => lines.push(line), { chunk });
        records.forEach((r, i) => writer.add(i + 1, r));
        writer.flush();
        writer.flush(); // nothing is left: nothing is written twice
        expect(lines).toHaveLength(1 + Math.ceil(records.length / chunk));
        const series = readLayerSeries(lines.join(""));
        expect(series.parameters).toEqual(parameters);
        expect(series.steps).toEqual(records.map((_, i) => i + 1));
        parameters.forEach(({ name }, p) => {
          for (const column of LAYER_COLUMNS)
            // JSON does not tell -0 from 0, and nothing here depends on it.
            expect(series.columns.get(name)![column].map((x) => (x === 0 ? 0 : x))).toEqual(records.map((r) => (r[p][column] === 0 ? 0 : r[p][column])));
        });
      }),
    );
  });

  it("a line that a crash cut off is left out; damage elsewhere is not passed over", () => {
    let text = "";
    const writer = layerSeriesWriter(parameters, (line) => { text += line; }, { chunk: 1 });
    const records = parameters.map(({ name, layer }) => ({ name, layer, lr: 1, trust: 1, rate: 1, weightNorm: 1, gradNorm: 1, updateNorm: 1, limitedBy: null, skipped: null }));
    for (let step = 1; step <= 3; step++) writer.add(step, records);
    expect(readLayerSeries(text.slice(0, -20)).steps).toEqual([1, 2]);
    expect(() => readLayerSeries(text.replace('"steps":[2]', '"steps":[2'))).toThrow(SyntaxError);
    expect(readLayerSeries("").steps).toEqual([]);
  });
});
