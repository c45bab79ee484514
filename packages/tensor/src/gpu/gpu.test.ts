import { beforeAll, describe, expect, test } from "vitest";
import { apply } from "../apply.ts";
import { ones, tensor } from "../create.ts";
import type { DeviceBuffer } from "../device.ts";
import type { Fused } from "../op.ts";
import { relu } from "../ops/elementwise/relu.ts";
import { matmul } from "../ops/matmul/matmul.ts";
import { reshape } from "../ops/shape/reshape.ts";
import { rows } from "../ops/shape/rows.ts";
import { triu } from "../ops/triangle/triangle.ts";
import { assign, buffer } from "../pinned.ts";
import { Rng } from "../random.ts";
import { keep, scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { openAdapter } from "./adapter.ts";
import { loadGpuJs } from "./gpujs.ts";
import { checkSource } from "./kernel.ts";
import { KernelCache } from "./kernelCache.ts";
import { exactQuotient, quotient } from "./source.ts";
import type { Run } from "./kernels.ts";
import { gpuFused, runBoth } from "./kernels.ts";
import { testOptions } from "./testDevices.ts";
import type { Gpu } from "./useGpu.ts";
import { useGpu } from "./useGpu.ts";
import { WebGpuEngine } from "./webgpu.ts";

const options = testOptions();

describe.each(options.map((o) => [o.engine, o] as const))("a tensor on %s", (_, option) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await useGpu(option);
  });

  test("comes back as it went, whatever its dtype", async () => {
    for (const t of [tensor([1.5, -2, 0]), tensor([7, -3], { dtype: "i32" }), tensor([true, false]), tensor([], { shape: [0, 3] }), tensor(-0)])
      expect(await gpu.upload(t).read()).toEqual(t.toArray());
  });

  test("does not give its numbers to who does not wait, and says how they are had", () => {
    const t = gpu.upload(tensor([1]));
    expect(() => t.item()).toThrow(/^item: .* lies on .*await tensor\.read\(\)/);
    expect(() => t.toArray()).toThrow(/^toArray: .* lies on /);
    expect(String(t)).toMatch(/^Tensor f32 \[1\] \(on the device/);
  });

  test("f64, and whole numbers that f32 does not hold, are refused at the upload", () => {
    expect(() => gpu.upload(tensor([1], { dtype: "f64" }))).toThrow(/f64/);
    expect(() => gpu.upload(tensor([2 ** 24 + 1], { dtype: "i32" }))).toThrow("16777217");
  });

  test("takes values in memory along, and keeps what is computed from it on the device", async () => {
    const y = matmul(gpu.upload(tensor([[1, 2]])), tensor([[3], [4]]));
    expect(() => y.toArray()).toThrow();
    expect(await y.read()).toEqual(Float32Array.of(11));
  });

  test("only parameters and buffers move; a value is told how it gets there", () => {
    expect(() => gpu.move([relu(ones([1]))])).toThrow(/^move: the result of relu is a value.*gpu\.upload\(\)/);
  });

  test("refuses a parameter or buffer in memory, which would be uploaded in every step", () => {
    const w = buffer(ones([2, 1]));
    expect(() => matmul(gpu.upload(ones([1, 2])), w)).toThrow(/^matmul: .* a buffer in memory\. .*model\.moveTo\(gpu\)/);
  });

  test("refuses an op without a kernel by its name, and shapes with the message of every home", () => {
    const t = gpu.upload(ones([2, 2]));
    expect(() => triu(t)).toThrow(/^triu: .* has no kernel for triu, and nothing is computed elsewhere/);
    expect(() => matmul(t, tensor([[1]]))).toThrow("matmul: inner sizes differ: a is [2, 2], b is [1, 1].");
  });

  test("is freed with its scope, but for what is returned or kept, whose numbers can be read after it", async () => {
    const before = gpu.memory().buffers;
    let kept: Tensor = tensor(0);
    let inside: Tensor = kept;
    const result = scope(() => {
      inside = relu(gpu.upload(tensor([-1, 2])));
      kept = keep(relu(inside));
      return { y: relu(kept) };
    });
    expect(gpu.memory().buffers - before).toBe(2);
    expect(await result.y.read()).toEqual(Float32Array.of(0, 2));
    expect(await kept.read()).toEqual(Float32Array.of(0, 2));
    expect(() => inside.read()).toThrow(/was freed when its scope ended/);
  });

  test("read() inside a scope gives the numbers of that moment, whatever is freed or written afterwards", async () => {
    const w = buffer(tensor([1, 2]));
    gpu.move([w]);
    const [early, value] = scope(() => {
      const before = w.read();
      assign(w, relu(gpu.upload(tensor([5, 6]))));
      return [[before], [relu(w).read()]];
    });
    expect(await early[0]).toEqual(Float32Array.of(1, 2));
    expect(await value[0]).toEqual(Float32Array.of(5, 6));
    expect(await w.read()).toEqual(Float32Array.of(5, 6));
  });

  test("a view reads its part, also when it outlives the whole", async () => {
    const last = scope(() => rows(reshape(relu(gpu.upload(tensor([1, 2, 3, 4]))), [2, 2]), 1, 2));
    expect(await last.read()).toEqual(Float32Array.of(3, 4));
    expect(await relu(last).read()).toEqual(Float32Array.of(3, 4));
  });

  test("a view of a parameter has the numbers that the parameter has, also after an assignment", async () => {
    const w = buffer(tensor([1, 2, 3, 4]));
    gpu.move([w]);
    const half = rows(w, 0, 2);
    const [before, after] = scope(() => {
      const first = relu(half);
      assign(w, relu(gpu.upload(tensor([5, 6, 7, 8]))));
      return [first, relu(half)];
    });
    expect([await before.read(), await after.read()]).toEqual([Float32Array.of(1, 2), Float32Array.of(5, 6)]);
  });

  test("and one of another device may meet the same value in memory in one scope", async () => {
    const other = await useGpu(option);
    const [a, b, x] = [gpu.upload(ones([2, 1])), other.upload(ones([2, 1])), tensor([[5], [6]])];
    const [y, z] = scope(() => [matmul(a, x, { transposeA: true }), matmul(b, x, { transposeA: true })]);
    expect([await y.read(), await z.read()]).toEqual([Float32Array.of(11), Float32Array.of(11)]);
    expect(() => matmul(a, b, { transposeA: true })).toThrow(/^matmul: the inputs lie on two devices/);
    other.destroy();
  });

  test("of an op whose second kernel is refused leaves nothing behind, forward or backward", () => {
    const twice: Fused<null> = {
      kind: "fused", name: "twice", saves: [], nan: "propagates", shape: ([x]) => x, definition: ([x]) => relu(x),
      reference: { forward: () => {}, backward: () => {} },
    };
    const runTwo = (run: Run, x: DeviceBuffer): DeviceBuffer => {
      const copy = { name: "copy", inputs: [[2]], output: [2], source: "function (a) { return a[this.thread.x]; }" } as const;
      return runBoth(run, copy, [x], { ...copy, source: "function (a) { while (true) {} }" });
    };
    const kernels = gpuFused(twice, { forward: (run, [x]) => runTwo(run, x), backward: (run, _needs, dOut) => [runTwo(run, dOut)] });
    return useGpu({ ...option, kernels: [kernels] }).then((own) => {
      const x = own.upload(tensor([1, 2]));
      const { device } = x.storage.buffer!;
      const { buffers } = own.memory();
      expect(() => apply(twice, [x], null)).toThrow(/^copy: the kernel is refused/);
      expect(() => device.backward(twice, [true], x.storage.buffer!, [x.storage.buffer!], null, { shapes: [[2]], shape: [2], attrs: null }, [])).toThrow(/^copy: the kernel is refused/);
      expect(own.memory().buffers).toBe(buffers);
      own.destroy();
    });
  });

  test("is not computed with in a scope that was held open over an await, and no buffer is left by it", async () => {
    const x = gpu.upload(tensor([1, 2]));
    const held = scope();
    try {
      await gpu.idle();
      const { buffers } = gpu.memory();
      expect(() => relu(x)).toThrow(/held open over an await, and relu/);
      expect(gpu.memory().buffers).toBe(buffers);
    } finally {
      held.close();
    }
  });

  test("is lost with a device that was destroyed, once or twice: what is asked of it says so by name", async () => {
    const own = await useGpu(option);
    const x = own.upload(ones([2]));
    own.destroy();
    own.destroy();
    expect(own.isLost).toBe(true);
    expect(() => relu(x)).toThrow(/^relu: the device is lost/);
    expect(() => own.upload(ones([2]))).toThrow(/^upload: the device is lost/);
    await expect(x.read()).rejects.toMatchObject({ code: "LLR_DEVICE_LOST" });
    await expect(own.idle()).rejects.toMatchObject({ code: "LLR_DEVICE_LOST" });
  });

  test.each([3, 5, 7, 11, 49, 784, 1000])("whole quotients by %i are exact up to 2^20, and put right up to 2^24", async (divisor) => {
    const quotients = (from: number, source: string): Tensor =>
      gpu.run({ name: "quotients", inputs: [], output: [2000], source: `function () { const i = this.thread.x + ${from}; ${source} return q; }` }, [], [2000]);
    for (const from of [0, 2 ** 20 - 2000]) {
      const found = await quotients(from, `const q = ${quotient("i", divisor)};`).read();
      expect(found).toEqual(Float32Array.from(found, (_, i) => Math.floor((from + i) / divisor)));
    }
    for (const from of [0, 2 ** 23 - 1000, 2 ** 24 - 2000]) {
      const found = await quotients(from, exactQuotient("q", "i", divisor)).read();
      expect(found).toEqual(Float32Array.from(found, (_, i) => Math.floor((from + i) / divisor)));
    }
  });

  test("a result that nobody holds any more gives its buffer back when it is collected", async () => {
    const before = gpu.memory().buffers;
    const x = gpu.upload(ones([1000]));
    for (let i = 0; i < 20; i++) relu(x);
    // The launcher starts tests with --expose-gc; collection comes in turns of its own.
    const { gc } = globalThis as unknown as { gc(): void };
    for (let turn = 0; turn < 50 && gpu.memory().buffers - before > 1; turn++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(gpu.memory().buffers - before).toBeLessThanOrEqual(1);
    expect(await x.read()).toHaveLength(1000);
  });

  test("a kernel need not read all its arguments", async () => {
    const out = gpu.run({ name: "second", inputs: [[1], [1]], output: [1], source: "function (a, b) { return b[this.thread.x]; }" }, [tensor([1]), tensor([2])], [1]);
    expect(await out.read()).toEqual(Float32Array.of(2));
  });

  test("a thousand rounds leave as many buffers and kernels as ten", async () => {
    const w = buffer(ones([4, 4]));
    gpu.move([w]);
    const round = (): Promise<unknown> => scope(() => [matmul(relu(matmul(w, tensor(new Float32Array(16), [4, 4]))), w)])[0].read();
    const after = async (n: number): Promise<unknown> => {
      for (let i = 0; i < n; i++) await round();
      const { liveBytes, kernels } = gpu.memory();
      return { liveBytes, kernels };
    };
    const ten = await after(10);
    // What a round returns belongs to the garbage collector.
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect((await after(990)) && gpu.memory().kernels).toBe((ten as { kernels: number }).kernels);
  });

  test("moved back, a buffer is in memory with its numbers", async () => {
    const w = buffer(tensor([1, 2]));
    gpu.move([w]);
    expect(() => w.data).toThrow(/lies on/);
    await gpu.retrieve([w]);
    expect(w.data).toEqual(Float32Array.of(1, 2));
  });
});

const onWebGpu = options.filter(({ engine }) => engine === "webgpu");

describe.each(onWebGpu.map((o) => [o.engine, o] as const))("the device of %s", (_, option) => {
  test("refuses more work than may wait for it, and takes it again after a pause", async () => {
    const gpu = await useGpu({ ...option, mostWaiting: 300 });
    const x = gpu.upload(ones([1]));
    const work = (): unknown => scope(() => {
      for (let i = 0; i < 600; i++) relu(x);
    });
    expect(work).toThrow(/kernels wait for the device.*Await something/);
    await gpu.idle();
    expect(await relu(x).read()).toEqual(Float32Array.of(1));
  });

  test("gives the numbers of a tensor however much work waits: reading is the pause that is asked for", async () => {
    const gpu = await useGpu({ ...option, mostWaiting: 300 });
    const x = gpu.upload(tensor([3]));
    let last = x;
    expect(() => scope(() => {
      for (let i = 0; i < 600; i++) last = keep(relu(x));
    })).toThrow(/kernels wait/);
    expect(await last.read()).toEqual(Float32Array.of(3));
  });

  test("takes the same buffers for the same work, in whatever order they were freed, and so makes its bind groups once", async () => {
    const { device, description } = await openAdapter({ software: true, webgpu: option.webgpu });
    let groups = 0;
    const create = device.createBindGroup.bind(device);
    Object.assign(device, { createBindGroup: (descriptor: Parameters<typeof create>[0]) => (groups++, create(descriptor)) });
    const engine = new WebGpuEngine(device, await loadGpuJs(), description, 1000);
    const copy = { name: "copy", inputs: [[8]], output: [8], source: "function (a) { return a[this.thread.x]; }" } as const;
    const first = engine.upload(new Float32Array(8));
    const rng = new Rng(1);
    for (let round = 0; round < 20; round++) {
      const made = [first];
      for (let i = 0; i < 6; i++) made.push(engine.run(copy, [made[i]]));
      for (const i of rng.permutation(6)) engine.free(made[i + 1]);
    }
    expect(groups).toBe(6);
    engine.destroy();
  });

  test("writes more than 2^24 elements where the kernel is in WGSL, and refuses them of one that counts in single precision", async () => {
    const gpu = await useGpu(option);
    const [columns, count] = [256, 65_537];
    const wgsl = `@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read_write> c: array<f32>;
@compute @workgroup_size(${columns}) fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) i: u32) {
  let row = group.y * 256u + group.x;
  if (row < ${count}u) { c[row * ${columns}u + i] = a[0] * f32(i); }
}`;
    const large = scope(() => [gpu.run({ name: "large", inputs: [1], output: count * columns, wgsl, workgroups: [256, 257, 1] }, [gpu.upload(tensor([2]))], [count, columns])])[0];
    expect(await rows(large, count - 1, count).read()).toEqual(Float32Array.from({ length: columns }, (_, i) => 2 * i));
    expect(() => relu(large)).toThrow(/^relu: the result has 16777472 elements; kernels count up to 16777216/);
  });

  test("lost, fails what is read from it and every op after, by name", async () => {
    const gpu = await useGpu(option);
    const x = gpu.upload(ones([2]));
    const y = relu(x);
    gpu.destroy();
    await expect(y.read()).rejects.toMatchObject({ code: "LLR_DEVICE_LOST" });
    expect(gpu.isLost).toBe(true);
    expect(() => relu(x)).toThrow(/^relu: the device is lost/);
  });

  test("that refused a kernel says which, and computes nothing any more", async () => {
    const gpu = await useGpu(option);
    const broken = gpu.run({ name: "broken", inputs: [1], output: 1, wgsl: "this is no shader", workgroups: [1, 1, 1] }, [tensor([1])], [1]);
    await expect(broken.read()).rejects.toThrow(/refused earlier work.*broken/s);
    expect(() => relu(gpu.upload(ones([1])))).toThrow(/refused earlier work/);
  });
});

describe("useGpu", () => {
  test("refuses a software device that was not asked for, and describeBackend says why there is none", async () => {
    await expect(useGpu({ engine: "webasm" })).rejects.toThrow(/computes on the CPU/);
    const { describeBackend } = await import("../backend.ts");
    expect(describeBackend().gpu).toMatchObject({ engine: null, reason: expect.stringContaining("computes on the CPU") });
  });
});

test("a kernel source whose loop could be cut off is refused", () => {
  expect(checkSource("function (a) { for (let i = 0; i < 10; i++) {} return 0; }")).toBeNull();
  expect(checkSource("function (a) { for (let i = 0; i < n; i++) {} return 0; }")).toMatch(/literals/);
  expect(checkSource("function (a) { while (true) {} }")).toMatch(/while/);
  expect(checkSource("(a) => 1")).toMatch(/begin with/);
});

test("the cache of kernels gives up the oldest, and compiles it again when it is needed again", () => {
  const discarded: string[] = [];
  const cache = new KernelCache<string>((kernel) => discarded.push(kernel), 2);
  for (const key of ["a", "b", "a", "c", "a"]) cache.get(key, () => key);
  expect(discarded).toEqual(["a", "b"]);
  expect(cache.compiled).toBe(4);
});

test("an engine that there is not is refused by its name, and not taken for another", async () => {
  await expect(useGpu({ engine: "cuda" as never, software: true })).rejects.toThrow('useGpu: engine is "cuda". It must be "webgpu", "webgl2" or');
});
