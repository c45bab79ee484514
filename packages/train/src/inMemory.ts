import type { Module } from "@llr/nn";
import { OnDeviceError } from "@llr/tensor";

/** For what reads a number in every step, which a device would have to be waited for. */
export function refuseOnDevice(op: string, model: Module, instead: string): void {
  const there = model.parameters().find(({ storage }) => storage.buffer !== null);
  if (there) throw new OnDeviceError(op, `the model lies on ${there.storage.buffer!.device.label} (${there.name}), and ${op} reads its loss at once. It needs the model in memory: await model.moveFrom(gpu) first; or ${instead}.`);
}
