import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonLine, jsonText, LogError, logLines, numberIn, parseJson, readJsonLines } from "./index.ts";

const value = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity), fc.boolean(), fc.constant(null), fc.string());
const record = fc.dictionary(fc.string().filter((key) => key !== "__proto__"), fc.oneof(value, fc.array(value), fc.dictionary(fc.constantFrom("a", ":", '"', "\\"), value)));
/** JSON does not tell -0 from 0. */
const withoutNegativeZero = (x: unknown): unknown => JSON.parse(JSON.stringify(x, (_, v: unknown) => (typeof v === "number" && !Number.isFinite(v) ? String(v) : v)));

describe("the one writer of JSON", () => {
  it("says a number that is not finite in one way, on a line and in a file, and never null", () => {
    const result = { trainLoss: NaN, test: { loss: Infinity, list: [-Infinity, 1] } };
    expect(JSON.parse(jsonText(result))).toEqual({ trainLoss: "NaN", test: { loss: "Infinity", list: ["-Infinity", 1] } });
    expect(JSON.parse(jsonLine(result))).toEqual(JSON.parse(jsonText(result)));
    expect([numberIn("NaN"), numberIn("-Infinity"), numberIn(2), numberIn(null), numberIn("2"), numberIn(JSON.parse("1e999"))]).toEqual([NaN, -Infinity, 2, undefined, undefined, undefined]);
  });

  it("is read back whatever it wrote, and a text that holds colons and quotes is no key twice", () => {
    fc.assert(fc.property(record, (written) => {
      for (const text of [jsonLine(written), jsonText(written)]) expect(parseJson(text)).toEqual(withoutNegativeZero(written));
    }));
    expect(readJsonLines(jsonLine({ loss: NaN, of: ["Infinity", { a: -Infinity }] }))).toEqual([{ loss: NaN, of: [Infinity, { a: -Infinity }] }]);
  });
});

describe("JSON that no writer of ours writes is refused by kind and place", () => {
  it.each([
    ["a key twice", '{"seed":1,"seed":2}', 'has the key "seed" twice'],
    ["a key twice, once with an escape", String.raw`{"seed":1,"s\u0065ed":2}`, 'has the key "seed" twice'],
    ["a key twice, deep inside, beside texts with colons", '{"a":[{"b":":{}","c":{"\\"d":1,"\\"d":2}}]}', "twice in one object"],
    ["a prototype", '{"__proto__":{"status":"finished"}}', 'has the key "__proto__"'],
    ["lists a hundred thousand deep", "[".repeat(1e5) + "]".repeat(1e5), "is nested more than 32 deep"],
    ["a cut document", '{"seed":', "is no JSON"],
    ["nothing", "", "is no JSON"],
  ])("%s", (_, text, problem) => {
    expect(() => parseJson(text)).toThrow(problem);
    expect(() => readJsonLines(`{}\n${text}\n`)).toThrow(`line 2 ${problem.startsWith("twice") ? "has the key" : problem}`);
    try {
      readJsonLines(`{}\n${text}\n`);
    } catch (error) {
      expect(error).toBeInstanceOf(LogError);
      expect(error).toMatchObject({ code: "LLR_LOG", line: 2 });
    }
  });

  it("one key in two objects is no key twice", () => {
    expect(parseJson('{"a":{"x":1},"b":{"x":":"}}')).toEqual({ a: { x: 1 }, b: { x: ":" } });
  });
});

it("a line without its end is told apart from whole lines", () => {
  expect(logLines('{"a":1}\n{"a":')).toEqual({ lines: ['{"a":1}'], incomplete: '{"a":' });
  expect(logLines('{"a":1}\n')).toEqual({ lines: ['{"a":1}'], incomplete: null });
  expect(logLines("")).toEqual({ lines: [], incomplete: null });
});
