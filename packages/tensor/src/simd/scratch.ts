import { allocateBlock, freeBlock } from "../memory.ts";
import type { Address } from "../op.ts";

/**
 * Room for a kernel's intermediate results: `bytes` at a 64-byte boundary, with any content, until `use` returns. Kernels
 * cannot allocate: the memory has one allocator, which runs on the main thread.
 */
export function withScratch<R>(bytes: number, use: (address: Address) => R): R {
  const block = allocateBlock(bytes);
  try {
    return use(block.address);
  } finally {
    freeBlock(block);
  }
}
