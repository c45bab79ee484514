import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StepRecord } from "@llr/optim";
import { LAYER_COLUMNS, layerSeriesWriter, LogError, readLayerSeries } from "./index.ts";

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
    expect(() => readLayerSeries(text.replace('"steps":[2]', '"steps":[2'))).toThrow(LogError);
    expect(readLayerSeries("").steps).toEqual([]);
  });

  describe("what the writer does not write is refused, with line and key", () => {
    const lines: string[] = [];
    const writer = layerSeriesWriter(parameters, (line) => lines.push(line), { chunk: 2 });
    for (let step = 1; step <= 4; step++) writer.add(step, parameters.map(({ name, layer }) => ({ name, layer, lr: 0.5, trust: 1, rate: 0.5, weightNorm: 3, gradNorm: 2, updateNorm: 1, limitedBy: "floor" as const, skipped: null })));
    const text = lines.join("");
    const damaged = (from: string | RegExp, to: string): string => {
      const changed = text.replace(from, to);
      expect(changed).not.toBe(text);
      return changed;
    };

    it.each<[string, string | RegExp, string, number, string]>([
      ["another format", '"format":1', '"format":2', 1, "format"],
      ["no format", '"format":1,', "", 1, "the header"],
      ["a header that is null", /^.*/, "null", 1, "the header"],
      ["other columns", '"columns":["lr"', '"columns":["learningRate"', 1, "columns"],
      ["a parameter twice", '"name":"fc.weight"', '"name":"conv1.weight"', 1, "parameters[1].name"],
      ["a shape that is no size", "[2,3]", "[2,3.5]", 1, "parameters[0].shape[1]"],
      ["a short column", '"trust":[1,1]', '"trust":[1]', 2, "parameters.conv1.weight.trust"],
      ["a long column", '"trust":[1,1]', '"trust":[1,1,1]', 2, "parameters.conv1.weight.trust"],
      ["a column that is no list", '"trust":[1,1]', '"trust":1', 2, "parameters.conv1.weight.trust"],
      ["null for a number", '"rate":[0.5,0.5]', '"rate":[0.5,null]', 2, "parameters.conv1.weight.rate[1]"],
      ["a number too large", '"rate":[0.5', '"rate":[1e999', 2, "parameters.conv1.weight.rate[0]"],
      ["an unknown limit", '"limitedBy":["floor"', '"limitedBy":["roof"', 2, "parameters.conv1.weight.limitedBy[0]"],
      ["a limit of Object's", '"limitedBy":["floor"', '"limitedBy":["toString"', 2, "parameters.conv1.weight.limitedBy[0]"],
      ["a step twice", '"steps":[3,4]', '"steps":[2,4]', 3, "steps[0]"],
      ["steps that fall", '"steps":[3,4]', '"steps":[4,3]', 3, "steps[1]"],
      ["a step that is none", '"steps":[3,4]', '"steps":[3,"4"]', 3, "steps[1]"],
      ["a chunk without steps", '"steps":[3,4]', '"steps":[]', 3, "steps"],
      ["a parameter that is missing", /"conv1.weight":\{[^}]*\},/, "", 2, "parameters"],
      ["a parameter that is not in the header", '"fc.weight":{', '"fd.weight":{', 2, "parameters"],
      ["a column that is missing", '"rate":[0.5,0.5],', "", 2, "parameters.conv1.weight"],
      ["an unknown key", '"steps":[3,4]', '"more":1,"steps":[3,4]', 3, "the chunk"],
    ])("%s", (_, from, to, line, key) => {
      let refusal: unknown;
      try {
        readLayerSeries(damaged(from, to));
      } catch (error) {
        refusal = error;
      }
      expect(refusal).toBeInstanceOf(LogError);
      expect(refusal).toMatchObject({ line, key });
    });

    it("a chunk twice, and two in the wrong order", () => {
      expect(() => readLayerSeries([lines[0], lines[1], lines[1]].join(""))).toThrow("line 3: steps[0] is 1, after step 2");
      expect(() => readLayerSeries([lines[0], lines[2], lines[1]].join(""))).toThrow("line 3: steps[0] is 1, after step 4");
    });
  });
});
