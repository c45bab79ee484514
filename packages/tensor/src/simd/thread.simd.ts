// Which thread runs this instance of the module: every thread has its own, with globals of its own over the shared memory.

/** 0 on the main thread, 1, 2, ... on workers: for scratch memory of one's own, at base + threadIndex * bytes. */
export let threadIndex: i32 = 0;

export function setThreadIndex(index: i32): void {
  threadIndex = index;
}
