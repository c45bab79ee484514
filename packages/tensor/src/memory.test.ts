import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, MemoryError, memoryStats, resetPeakMemory, scope, sum as sumOf, tensor, zeros } from "./index.ts";
import type { Block } from "./memory.ts";
import { allocateBlock, classSize, formatBytes, freeBlock, poisonFreedBlocks } from "./memory.ts";

describe("the allocator", () => {
  it("a class holds what was asked for and wastes at most a quarter, plus a cache line", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (bytes) => {
        const size = classSize(bytes);
        expect(size).toBeGreaterThanOrEqual(Math.max(1, bytes));
        expect(size % 64).toBe(0);
        expect(size).toBeLessThanOrEqual(Math.max(64, bytes * 1.25 + 64));
        expect(classSize(size)).toBe(size);
      }),
    );
  });

  it("blocks in use never overlap, in any order of allocating and freeing, and what is freed is used again", () => {
    const action = fc.record({ bytes: fc.integer({ min: 1, max: 5_000 }), free: fc.option(fc.nat(), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const before = memoryStats();
        const live: { address: number; bytes: number }[] = [];
        for (const { bytes, free } of actions) {
          if (free !== undefined && live.length > 0) freeBlock(live.splice(free % live.length, 1)[0]);
          else live.push(allocateBlock(bytes));
        }
        const sorted = [...live].sort((a, b) => a.address - b.address);
        for (let i = 1; i < sorted.length; i++) expect(sorted[i - 1].address + sorted[i - 1].bytes).toBeLessThanOrEqual(sorted[i].address);
        expect(sorted.every(({ address }) => address % 64 === 0 && address >= 65_536)).toBe(true);
        expect(memoryStats().blocks - before.blocks).toBe(live.length);
        for (const block of live) freeBlock(block);
        expect(memoryStats()).toMatchObject({ liveBytes: before.liveBytes, blocks: before.blocks });
      }),
    );
    const first = allocateBlock(1000);
    freeBlock(first);
    expect(allocateBlock(1010).address).toBe(first.address); // the same class
    freeBlock(first);
  });

  it("changing batch sizes settle: after a while nothing more is reserved", () => {
    const run = () => {
      for (let size = 1; size <= 64; size++) scope(() => add(zeros([size, 100]), zeros([size, 100])));
    };
    run();
    const { reservedBytes } = memoryStats();
    for (let i = 0; i < 20; i++) run();
    expect(memoryStats().reservedBytes).toBe(reservedBytes);
  });

  it("the peak is the largest sum of live blocks since it was reset", () => {
    resetPeakMemory();
    const before = memoryStats().liveBytes;
    scope(() => {
      zeros([1024]);
      scope(() => { zeros([2048]); });
      zeros([16]);
    });
    expect(memoryStats().peakBytes - before).toBe(4096 + 8192);
    resetPeakMemory();
    expect(memoryStats().peakBytes).toBe(before);
  });

  it("says so when nothing more fits, with the bytes, and goes on working", () => {
    poisonFreedBlocks(false); // overwriting would touch memory that is only reserved here
    const held: Block[] = [];
    const tooMuch = () => {
      while (held.length < 5) held.push(allocateBlock(2 ** 30));
    };
    expect(tooMuch).toThrow(/^memory: 1 GiB do not fit: .* are in use in \d+ blocks, .* of at most 4 GiB are reserved\. Use smaller batches, or scopes/);
    expect(tooMuch).toThrow(MemoryError);
    for (const block of held) freeBlock(block);
    poisonFreedBlocks(true);
    expect(scope(() => add(tensor([1]), 1)).item()).toBe(2);
  });

  it("an op that does not fit says which, with shape and bytes; what is freed then is used, a larger block for a smaller one", () => {
    poisonFreedBlocks(false);
    const held: Block[] = [];
    const fill = (bytes: number) => {
      for (;;) held.push(allocateBlock(bytes));
    };
    for (const power of [29, 26, 23, 20]) expect(() => fill(2 ** power)).toThrow(MemoryError); // 4 GiB are handed out
    const { liveBytes, blocks } = memoryStats();
    const sum = () => scope(() => sumOf(add(zeros([1000, 1000]), 1)).item());
    expect(sum).toThrow(/^zeros: 3.81 MiB for a result of shape \[1000, 1000\] do not fit: .* are in use in \d+ blocks, 4 GiB of at most 4 GiB/);
    expect(memoryStats()).toMatchObject({ liveBytes, blocks });
    const some = held.filter(({ bytes }) => bytes === 2 ** 23).slice(0, 3);
    for (const block of some) freeBlock(held.splice(held.indexOf(block), 1)[0]);
    expect(sum()).toBe(1e6);
    for (const block of held) freeBlock(block);
    expect(scope(() => add(tensor([1]), 1)).item()).toBe(2);
    poisonFreedBlocks(true);
  });

  it("prints bytes in the unit that suits them", () => {
    expect([0, 1023, 1536, 5 * 2 ** 20, 3.25 * 2 ** 30].map(formatBytes)).toEqual(["0 bytes", "1023 bytes", "1.5 KiB", "5 MiB", "3.25 GiB"]);
  });
});
