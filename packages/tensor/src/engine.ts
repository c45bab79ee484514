// What @llr/autograd needs of the engine and users do not: no promises between versions are made for it.
export { ambient, withRecording } from "./ambient.ts";
export { allocateHere } from "./create.ts";
export { type Device, type DeviceBuffer, deviceOf } from "./device.ts";
export { bytesPerElement, isFloat } from "./dtype.ts";
export { History, type HistoryState, stubOf } from "./history.ts";
export { runBackward, runForward } from "./home.ts";
export { formatBytes, poisonFreedBlocks } from "./memory.ts";
export { moveToMemory, uploaded } from "./placement.ts";
export { deviceBuffer, pinnedArray, pinnedStorage } from "./pinned.ts";
export { type OpenScope, Scope } from "./scope.ts";
export { formatShape, sameShape, sizeOf } from "./shape.ts";
export { Storage } from "./storage.ts";
export { numbersFor, numbersOf } from "./tensor.ts";
export * from "./updates/updates.ts";
