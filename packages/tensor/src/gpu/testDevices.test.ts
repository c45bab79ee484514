import { expect, it } from "vitest";
import { testOptions } from "./testDevices.ts";

it("a missing WebGPU is left out, in anybody's CI too, unless LLR_REQUIRE_WEBGPU demands it", () => {
  for (const env of [{}, { CI: "true" }, { LLR_REQUIRE_WEBGPU: "0" }]) expect(testOptions(env)).toEqual([{ engine: "webasm", software: true }]);
  expect(() => testOptions({ LLR_REQUIRE_WEBGPU: "1" })).toThrow("LLR_WEBGPU names no folder");
});
