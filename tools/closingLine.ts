import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with one line that other programs can read: `12 passed, 0 failed, 1 skipped`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      // A file that fails to load holds no tests: it counts as one failure instead of none.
      if (module.errors().length > 0) count.failed++;
      // Likewise a group whose preparation fails: its tests are only skipped.
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) count.failed++;
      for (const test of module.children.allTests()) count[test.result().state]++;
    }
    const ofDevices = modules.some(({ moduleId }) => /\/gpu\/|Gpu\.test\.ts$/.test(moduleId));
    if (ofDevices && process.env["LLR_WEBGPU"] === undefined) console.log("kernels in WGSL: left out, because WebGPU is not set up (npm run gpu-setup); the others ran on gpu.js' WebAssembly");
    console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped`);
  }
}
