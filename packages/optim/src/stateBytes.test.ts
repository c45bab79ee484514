import { describe, expect, it } from "vitest";
import { inTurn } from "./inTurn.ts";
import { oneCycle } from "./schedules/oneCycle.ts";
import { adamW } from "./optimizers/adamW.ts";
import { madLlr } from "./optimizers/madLlr.ts";
import { sgd } from "./optimizers/sgd.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Param } from "./param.ts";
import { loadStateBytes, stateBytes, stateFromBytes } from "./stateBytes.ts";

const NAMES = ["body.fc.weight", "body/fc", "gewicht\u00e9 \u{1F4BE}\n\"", "__proto__"];
const model = (): Param[] => NAMES.map((name, k) => ({ name, data: k % 2 === 0 ? Float32Array.of(k + 0.1, -1, 0.3) : Float64Array.of(k + 0.1, 1 / 3, -0), grad: null, shape: [1, 3] }));
const train = (params: readonly Param[], optimizer: Optimizer, steps: number): void => {
  for (let t = 0; t < steps; t++) {
    for (const [k, p] of params.entries()) p.grad = p.data.map((x, i) => 0.1 * x + Math.sin(optimizer.stepCount + i + k));
    optimizer.step();
  }
};
const bits = (params: readonly Param[]): string => params.map(({ data }) => [...new Uint8Array(data.slice().buffer)].join(" ")).join("; ");

const cycle = oneCycle({ peak: 0.1, steps: 12 });
const MAKERS = {
  sgd: (p: Param[]) => sgd(p, { lr: cycle.lr, momentum: cycle.momentum }),
  adamW: (p: Param[]) => adamW(p, { lr: cycle.lr, amsgrad: true }),
  madLlr: (p: Param[]) => madLlr(p, { lr: 0.1, warmup: 2 }),
  inTurn: (p: Param[]) => inTurn([{ steps: 3, optimizer: adamW(p, { lr: 0.1 }) as Optimizer }, { optimizer: sgd(p, { lr: 0.1, momentum: 0.9 }) as Optimizer }]),
} as unknown as Record<string, (p: Param[]) => Optimizer>;

describe.each(Object.keys(MAKERS))("the state of %s in bytes", (name) => {
  it("goes on with the bits of an uninterrupted run", () => {
    const straight = model();
    const optimizer = MAKERS[name](straight);
    train(straight, optimizer, 5);
    const bytes = stateBytes(optimizer);
    const resumed = model();
    for (const [k, p] of resumed.entries()) p.data.set(straight[k].data);
    const again = MAKERS[name](resumed);
    // As a file gives it: at any offset of a larger buffer.
    const read = new Uint8Array(bytes.length + 3).subarray(3);
    read.set(bytes);
    loadStateBytes(again, read);
    train(straight, optimizer, 6);
    train(resumed, again, 6);
    expect(bits(resumed)).toBe(bits(straight));
    expect([...stateBytes(again)]).toEqual([...stateBytes(optimizer)]);
  });
});

describe("stateBytes", () => {
  const trained = (): Optimizer => {
    const params = model();
    const optimizer = MAKERS.adamW(params);
    train(params, optimizer, 3);
    return optimizer;
  };

  it("are a safetensors file: header, table and numbers as that format has them", () => {
    const optimizer = trained();
    const bytes = stateBytes(optimizer);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
    let end = 0;
    for (const [name, { numbers: _, arrays }] of Object.entries(optimizer.stateDict().params))
      for (const [key, array] of Object.entries(arrays)) {
        const { dtype, shape, data_offsets: [from, to] } = header[`${name}/${key}`];
        expect([from, shape, dtype]).toEqual([end, [3], array.BYTES_PER_ELEMENT === 4 ? "F32" : "F64"]);
        const saved = bytes.slice(8 + length + from, 8 + length + to).buffer;
        expect(dtype === "F32" ? new Float32Array(saved) : new Float64Array(saved)).toEqual(array);
        end = to;
      }
    expect(8 + length + end).toBe(bytes.length);
  });

  it("hold the state and nothing else: what is read is equal to what was saved, from an optimizer or its state", () => {
    const optimizer = trained();
    expect(stateFromBytes(stateBytes(optimizer))).toEqual(optimizer.stateDict());
    expect(stateBytes(optimizer.stateDict())).toEqual(stateBytes(optimizer));
  });

  it("of another optimizer, or damaged, or no bytes at all, are refused before anything is written", () => {
    const optimizer = trained();
    const before = stateBytes(optimizer);
    const other = sgd(model(), { lr: 0.1 });
    expect(() => loadStateBytes(other, before)).toThrow("sgd: the state was saved by adamW.");
    const damaged = before.slice();
    damaged[damaged.length - 1] ^= 1;
    expect(() => loadStateBytes(optimizer, damaged)).toThrow("the bytes are damaged");
    for (const nothing of [new Uint8Array(0), new Uint8Array(100), new Float32Array(40), null, "bytes", [1, 2]]) expect(() => loadStateBytes(optimizer, nothing as never)).toThrow(expect.objectContaining({ code: "LLR_STATE" }));
    expect(stateBytes(optimizer)).toEqual(before);
  });
});
