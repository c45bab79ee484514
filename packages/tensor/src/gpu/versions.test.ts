import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { WEBGPU_VERSION } from "./adapter.ts";
import { GPU_JS_VERSION } from "./gpujs.ts";

test("the versions that an error and the README say to install are those that the tests run with", () => {
  const catalog = readFileSync(new URL("../../../../pnpm-workspace.yaml", import.meta.url), "utf8");
  expect(catalog).toContain(`\n  gpu.js: ${GPU_JS_VERSION} #`);
  expect(catalog).toContain(`\n  webgpu: ${WEBGPU_VERSION} #`);
  expect(readFileSync(new URL("../../../../README.md", import.meta.url), "utf8")).toContain(`npm install gpu.js@${GPU_JS_VERSION} webgpu@${WEBGPU_VERSION}`);
});
