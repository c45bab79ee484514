// The devices at hand, for tests outside of @llr/tensor.
export { testOptions } from "../packages/tensor/src/gpu/testDevices.ts";
