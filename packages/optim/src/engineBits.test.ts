import { expect, it } from "vitest";
import { ENGINE_BITS, engineBits } from "./test/engineBits.ts";

it("schedules, layer scales and plain loops give the bits that every other engine gives (tools/engines.mjs asks those)", () => {
  expect(engineBits()).toBe(ENGINE_BITS);
});
