// Between memory and a device: how tensors get there and back.
import { ambient } from "./ambient.ts";
import type { Device } from "./device.ts";
import { ArgumentError } from "./errors.ts";
import { pinnedStorage } from "./pinned.ts";
import { Storage } from "./storage.ts";
import { numbersFor, Tensor } from "./tensor.ts";

/** The numbers of `t` as a value on the device, of the innermost open scope; outside any, of whoever holds it. */
export function uploaded(t: Tensor, device: Device): Tensor {
  ambient.scope?.checkOpen("upload");
  const buffer = device.upload(numbersFor("upload", t), "upload");
  const storage = ambient.scope === null ? Storage.onDevice(buffer, t.dtype, "upload", "heap") : ambient.scope.ownBuffer(buffer, t.dtype, "upload");
  return new Tensor(storage, 0, t.shape, t.dtype);
}

/** Moves a parameter or buffer; it stays the same object. Its block in memory goes when nobody holds the array. */
export function moveToDevice(t: Tensor, device: Device): void {
  checkPinned("move", t, "gpu.upload() gives its numbers there");
  if (t.storage.buffer?.device === device) return;
  const { version, madeBy } = t.storage;
  const buffer = device.upload(numbersFor("move", t), madeBy);
  t.storage = Storage.onDevice(buffer, t.dtype, madeBy, "pinned");
  t.storage.version = version;
}

/** Moves a parameter or buffer back into memory, with the given numbers, or with its own, which are waited for. */
export function moveToMemory(t: Tensor, numbers: ArrayLike<number>): void {
  checkPinned("retrieve", t, "await read() gives its numbers");
  const { version, madeBy, buffer } = t.storage;
  const storage = pinnedStorage(t.dtype, t.size, madeBy);
  storage.array.set(numbers);
  storage.version = version + (buffer === null ? 0 : 1);
  t.storage = storage; // the buffer goes with its storage
}

function checkPinned(op: string, { storage }: Tensor, instead: string): void {
  storage.checkReadable();
  if (storage.place !== "pinned") throw new ArgumentError(op, `the result of ${storage.madeBy || "tensor"} is a value, and only parameters and buffers move. For a value: ${instead}.`);
}
