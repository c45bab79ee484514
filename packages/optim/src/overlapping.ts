import type { FloatArray } from "./param.ts";

/** The places of two arrays that have memory in common, in the order of the list, or null. */
export function overlapping(arrays: readonly FloatArray[]): readonly [number, number] | null {
  const byBuffer = new Map<ArrayBufferLike, number[]>();
  for (const [i, { buffer, byteLength }] of arrays.entries()) if (byteLength > 0) byBuffer.set(buffer, [...(byBuffer.get(buffer) ?? []), i]);
  for (const places of byBuffer.values()) {
    places.sort((a, b) => arrays[a].byteOffset - arrays[b].byteOffset);
    for (const [k, place] of places.entries()) {
      const before = places[k - 1];
      if (k > 0 && arrays[before].byteOffset + arrays[before].byteLength > arrays[place].byteOffset) return before < place ? [before, place] : [place, before];
    }
  }
  return null;
}
