// Just enough of the WebAssembly binary format for the loops that measure the machine: no compiler, and nothing shared with
// the kernels that are judged by them.

/** Types of the binary format. */
export const i32 = 0x7f;
export const f32 = 0x7d;
export const v128 = 0x7b;

export interface LoopFunction {
  readonly name: string;
  readonly params: readonly number[];
  readonly result?: number;
  /** Types of the locals after the parameters. */
  readonly locals: readonly number[];
  readonly body: readonly number[];
}

/** Whole numbers, seven bits a byte. */
export function leb(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...leb(value >>> 7)];
}

const sized = (bytes: readonly number[]): number[] => [...leb(bytes.length), ...bytes];
const list = (items: readonly (readonly number[])[]): number[] => [...leb(items.length), ...items.flat()];
const section = (id: number, bytes: readonly number[]): number[] => [id, ...sized(bytes)];
const text = (value: string): number[] => sized([...new TextEncoder().encode(value)]);

export const get = (local: number): number[] => [0x20, ...leb(local)];
export const set = (local: number): number[] => [0x21, ...leb(local)];
const simd = (opcode: number): number[] => [0xfd, ...leb(opcode)];
/** `offset` bytes beyond the address; 16-byte alignment is promised. */
export const load = (offset: number): number[] => [...simd(0), 4, ...leb(offset)];
export const store = (offset: number): number[] => [...simd(11), 4, ...leb(offset)];
export const splat: readonly number[] = simd(0x13);
export const lane0: readonly number[] = [...simd(0x1f), 0];
export const plus: readonly number[] = simd(0xe4);
export const times: readonly number[] = simd(0xe6);
export const relaxedMadd: readonly number[] = simd(0x105);
export const plusAddress: readonly number[] = [0x6a];
/** Small whole numbers only: the format's are signed. */
export const address = (value: number): number[] => (value < 64 ? [0x41, value] : [0x41, (value & 0x7f) | 0x80, value >> 7]);

/** Repeats `body` while the local, raised by `step` after each time, is less than the local `end`. At least once. */
export function loop(local: number, step: number, end: number, body: readonly number[]): number[] {
  return [0x03, 0x40, ...body, ...get(local), ...address(step), ...plusAddress, 0x22, ...leb(local), ...get(end), 0x49, 0x0d, 0, 0x0b];
}

/** A module that exports the functions and, if `pages` are given, a memory. */
export function assemble(functions: readonly LoopFunction[], pages = 0): Uint8Array {
  const types = functions.map(({ params, result }) => [0x60, ...sized(params), ...sized(result === undefined ? [] : [result])]);
  const bodies = functions.map(({ locals, body }) => sized([...list(locals.map((type) => [1, type])), ...body, 0x0b]));
  return Uint8Array.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, list(types)),
    ...section(3, list(functions.map((_, i) => leb(i)))),
    ...(pages > 0 ? section(5, [1, 0, ...leb(pages)]) : []),
    ...section(7, list([...functions.map(({ name }, i) => [...text(name), 0, ...leb(i)]), ...(pages > 0 ? [[...text("memory"), 2, 0]] : [])])),
    ...section(10, list(bodies)),
  ]);
}
