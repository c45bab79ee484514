// What @llr/autograd needs of the engine and users do not: no promises between versions are made for it.
export { ambient, withRecording } from "./ambient.ts";
export { allocateHere } from "./create.ts";
export { type Device, type DeviceBuffer, deviceOf } from "./device.ts";
export { bytesPerElement, isFloat } from "./dtype.ts";
export { describe } from "./format.ts";
export { History, type HistoryState, stubOf } from "./history.ts";
export { runBackward, runForward } from "./home.ts";
export { bytesFor, formatBytes, poisonFreedBlocks } from "./memory.ts";
export { moveToMemory, uploaded } from "./placement.ts";
export { deviceBuffer, pinnedArray, pinnedStorage, releaseArray, releasePinned } from "./pinned.ts";
export { checkGradients } from "./record.ts";
export { type OpenScope, Scope } from "./scope.ts";
export { optionsOf } from "./options.ts";
export { formatShape, isShape, sameShape, sizeOf } from "./shape.ts";
export { Storage } from "./storage.ts";
export { checkTensor, numbersFor, numbersOf } from "./tensor.ts";
export * from "./updates/updates.ts";
