// One growing, shared WebAssembly memory holds the numbers of every tensor in use. Copying a tensor into WebAssembly costs
// as much as two elementwise ops, so tensors live where the fast kernels can reach them instead of being carried there.
// The memory is shared because only then do arrays made before a growth stay valid (unshared ones detach), and because
// worker threads will read it.
import type { DType, Numbers } from "./dtype.ts";
import { arrayAt, bytesPerElement, DTYPE_NAMES, isDType } from "./dtype.ts";
import { DTypeError, InternalError, MemoryError, ShapeError } from "./errors.ts";
import type { Shape } from "./shape.ts";
import { formatShape } from "./shape.ts";

/**
 * The little of the WebAssembly interface that is used here. Declared by hand because its types come with the DOM's, and
 * this package must compile without them.
 */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}
type SharedMemoryConstructor = new (descriptor: { initial: number; maximum: number; shared: true }) => SharedMemory;

const PAGE = 65_536;
const MAXIMUM_PAGES = 65_536; // 4 GiB: all that 32-bit addresses reach
/** The first page is left to the static data of compiled kernels. */
const FIRST_ADDRESS = PAGE;
/** The largest array: all that there is. It holds on the heap too, so that a scope changes nothing about what fits. */
const LARGEST_BYTES = MAXIMUM_PAGES * PAGE - FIRST_ADDRESS;
/** Growing by at least this much keeps the number of growths small. */
const GROWTH_PAGES = 64;
/** Blocks are aligned to a cache line, so that no two of them share one. */
const ALIGNMENT = 64;

/** A piece of the shared memory. */
export interface Block {
  readonly address: number;
  /** Size of the class that the block belongs to, at least what was asked for. */
  readonly bytes: number;
}

export interface MemoryStats {
  /** Bytes in blocks that are in use, class sizes counted. */
  readonly liveBytes: number;
  /** Largest `liveBytes` so far, or since {@link resetPeakMemory}. */
  readonly peakBytes: number;
  /** Blocks in use. */
  readonly blocks: number;
  /** Of `liveBytes`, those of parameters, their gradients, buffers and optimizer state. */
  readonly pinnedBytes: number;
  /** Bytes that the memory has grown to; it never shrinks, freed blocks are reused. */
  readonly reservedBytes: number;
}

let memory: SharedMemory | null = null;
/** `memory.buffer` after the last growth: reading the property again costs more than an allocation. */
let buffer: SharedArrayBuffer;
/** Every object that `memory.buffer` ever was: arrays made before a growth keep the one of their time. */
const buffers = new WeakSet<ArrayBufferLike>();
let top = FIRST_ADDRESS;
let liveBytes = 0;
let peakBytes = 0;
let pinnedBytes = 0;
let blocks = 0;
let poison = false;
/** Addresses of free blocks by class size. */
const free = new Map<number, number[]>();

/** Created at the first allocation: importing the package starts nothing. */
function ensureMemory(): SharedMemory {
  if (memory === null) {
    const { WebAssembly } = globalThis as unknown as { WebAssembly: { Memory: SharedMemoryConstructor } };
    try {
      memory = new WebAssembly.Memory({ initial: 1 + GROWTH_PAGES, maximum: MAXIMUM_PAGES, shared: true });
    } catch (error) {
      throw new MemoryError(`memory: the engine gives no shared WebAssembly memory: ${String(error)}. It needs 4 GiB of addresses, of which little is filled: look at the limits of the process (ulimit -v).`, MAXIMUM_PAGES * PAGE, { cause: error });
    }
    buffer = memory.buffer;
    buffers.add(buffer);
  }
  return memory;
}

/** The memory that compiled kernels work on. */
export const sharedMemory: () => SharedMemory = ensureMemory;

/** Whether an array lies in the shared memory, where its `byteOffset` is the address that kernels take. */
export const isInSharedMemory = (array: Numbers): boolean => buffers.has(array.buffer);

/**
 * Four classes an octave: a freed block serves every request of its class, so varying batch sizes settle instead of
 * fragmenting, at the price of at most a quarter of unused bytes.
 */
export function classSize(bytes: number): number {
  if (bytes <= 4 * ALIGNMENT) return Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
  const octave = 2 ** (31 - Math.clz32(bytes - 1));
  const step = octave / 4;
  return Math.ceil(bytes / step) * step;
}

/** What memory is for, for the message when there is none. */
export interface Purpose {
  readonly op: string;
  readonly shape?: Shape;
}

/**
 * Bytes of an array of so many elements, in a block or on the heap. The gate in front of both: a size that is none would
 * reach the allocator's books, where NaN makes blocks overlap.
 *
 * @throws ShapeError for a length that is no size, DTypeError for an unknown element type, MemoryError for more than 4 GiB
 */
export function bytesFor(dtype: DType, length: number, purpose: Purpose): number {
  const bytes = length * bytesPerElement[dtype]; // NaN for an unknown element type
  return isUint32(bytes) && bytes <= LARGEST_BYTES && isUint32(length) ? bytes : refuseSize(dtype, length, purpose);
}

/** One comparison on the way of every op: it lets no fraction, no negative number and no NaN through. */
const isUint32 = (n: number): boolean => n >>> 0 === n;

function refuseSize(dtype: DType, length: number, { op, shape = [length] }: Purpose): never {
  if (!isDType(dtype)) throw new DTypeError(op, `the element type is ${String(dtype)}. It needs one of ${DTYPE_NAMES}.`);
  if (!(length > 0 && (length === Infinity || Number.isInteger(length)))) throw new ShapeError(op, `shape ${formatShape(shape)} holds ${length} numbers. Sizes are whole numbers >= 0.`, [shape]);
  const bytes = length * bytesPerElement[dtype];
  throw new MemoryError(`${op}: ${formatBytes(bytes)} for a result of shape ${formatShape(shape)} do not fit into the 4 GiB that all tensors share. Use smaller sizes, or take the work in parts.`, bytes);
}

/**
 * Contents are what the last user left (NaN when poisoned): a kernel writes its whole output.
 *
 * @throws MemoryError when the memory cannot grow further and no free block is large enough; nothing is changed then
 */
export function allocateBlock(bytes: number, purpose: Purpose = { op: "memory" }): Block {
  if (!isUint32(bytes)) checkLarge(bytes, purpose);
  const size = classSize(bytes);
  const block = reuse(size) ?? extend(size) ?? reuseLarger(size) ?? refuse(bytes, purpose);
  liveBytes += block.bytes;
  blocks++;
  if (liveBytes > peakBytes) peakBytes = liveBytes;
  return block;
}

/** More than the memory can ever have is refused where it does not fit; no size at all is a fault. */
function checkLarge(bytes: number, { op }: Purpose): void {
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new InternalError(`${op} asks for a block of ${bytes} bytes.`);
}

function reuse(size: number): Block | null {
  const address = free.get(size)?.pop();
  return address === undefined ? null : { address, bytes: size };
}

/** When nothing can be reserved any more: the free block that wastes least. */
function reuseLarger(size: number): Block | null {
  const fitting = [...free].filter(([bytes, addresses]) => bytes > size && addresses.length > 0).map(([bytes]) => bytes);
  return fitting.length === 0 ? null : reuse(Math.min(...fitting));
}

function extend(size: number): Block | null {
  const { buffer: current } = ensureMemory();
  const address = top;
  const missing = address + size - current.byteLength;
  if (missing > 0 && !grow(Math.ceil(missing / PAGE))) return null;
  top = address + size;
  return { address, bytes: size };
}

function grow(pages: number): boolean {
  const owner = ensureMemory();
  const present = owner.buffer.byteLength / PAGE;
  const wanted = Math.min(Math.max(pages, GROWTH_PAGES, Math.ceil(present / 2)), MAXIMUM_PAGES - present);
  if (pages > wanted || !(tryGrow(owner, wanted) || tryGrow(owner, pages))) return false;
  buffer = owner.buffer;
  buffers.add(buffer);
  return true;
}

function refuse(bytes: number, { op, shape }: Purpose): never {
  const what = shape === undefined ? formatBytes(bytes) : `${formatBytes(bytes)} for a result of shape ${formatShape(shape)}`;
  const state = `${formatBytes(liveBytes)} are in use in ${blocks} blocks, ${formatBytes(ensureMemory().buffer.byteLength)} of at most 4 GiB are reserved`;
  const cure = pinnedBytes < liveBytes / 2
    ? "Use smaller batches, or scopes, so that intermediate results are freed sooner."
    : `${formatBytes(pinnedBytes)} hold parameters, buffers and optimizer state. Those of a model that nobody holds come back only when the program returns to the event loop: call model.release() when you are done with one, or await between two of them.`;
  throw new MemoryError(`${op}: ${what} do not fit: ${state}. ${cure}`, bytes);
}

function tryGrow(owner: SharedMemory, pages: number): boolean {
  try {
    owner.grow(pages);
    return true;
  } catch {
    return false; // the engine's RangeError: the caller knows the sizes and says more
  }
}

export function freeBlock(block: Block): void {
  if (poison) new Uint8Array(buffer, block.address, block.bytes).fill(0xff); // every float of such bytes is NaN
  const list = free.get(block.bytes);
  if (list === undefined) free.set(block.bytes, [block.address]);
  else list.push(block.address);
  liveBytes -= block.bytes;
  blocks--;
}

export const blockArray = (block: Block, dtype: DType, length: number): Numbers => arrayAt(dtype, buffer, block.address, length);

export const allocateFor = (dtype: DType, length: number, purpose: Purpose): Block => allocateBlock(bytesFor(dtype, length, purpose), purpose);

/** Counts a block in `pinnedBytes`, or, with -1, no longer. */
export function countPinned(block: Block, sign: 1 | -1): void {
  pinnedBytes += sign * block.bytes;
}

/**
 * What the tensors hold of the shared memory. Flat figures over many steps mean that nothing leaks.
 *
 * @example
 * import { memoryStats, scope, tensor } from "@llr/tensor";
 * const before = memoryStats().blocks;
 * const inside = scope(() => { tensor([1, 2, 3]); return memoryStats().blocks; });
 * inside - before // => 1
 * memoryStats().blocks - before // => 0
 */
export function memoryStats(): MemoryStats {
  return { liveBytes, peakBytes, pinnedBytes, blocks, reservedBytes: memory?.buffer.byteLength ?? 0 };
}

/** Starts a new measurement of `peakBytes`. */
export function resetPeakMemory(): void {
  peakBytes = liveBytes;
}

/** Overwrites freed blocks with NaN, so that reading a stale view shows. About 1.5 % of a training step; on in all tests. */
export function poisonFreedBlocks(on: boolean): void {
  poison = on;
}

/** 1536 -> "1.5 KiB". */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  const power = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${power === 0 ? bytes : Number((bytes / 1024 ** power).toPrecision(3))} ${units[power]}`;
}
