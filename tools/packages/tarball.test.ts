import { describe, expect, it } from "vitest";
import { refusalToPack } from "../prepack.ts";
import { type Tarball, tarballFaults } from "./tarball.ts";

const tarball = (files: readonly string[], readme = "", manifest: Tarball["manifest"] = {}): Tarball => ({ files, manifest, text: (file) => (file === "README.md" ? readme : "") });

describe("a tarball", () => {
  const exports = { ".": { "@llr/source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" }, "./package.json": "./package.json" };
  const whole = ["LICENSE", "README.md", "dist/index.d.ts", "dist/index.js", "docs/a.md", "package.json", "src/index.ts"];

  it("that holds all that it names has no fault", () => {
    expect(tarballFaults(tarball(whole, "[a](docs/a.md#part) [b](https://example.org)", { exports }))).toEqual([]);
  });

  it("is at fault for exports of sources or of builds that are not in it, whoever would use them", () => {
    expect(tarballFaults(tarball(whole.filter((file) => !file.startsWith("src/")), "", { exports }))).toEqual(["package.json names src/index.ts, which is not in it"]);
    expect(tarballFaults(tarball(whole.filter((file) => !file.startsWith("dist/")), "", { exports, bin: { x: "./dist/bin.js" } }))).toHaveLength(3);
  });

  it("is at fault for links that lead out of it, versions that only the workspace knows, and files of tests", () => {
    const files = [...whole, "src/index.test.ts", "dist/tsconfig.tsbuildinfo"].filter((file) => file !== "LICENSE" && file !== "docs/a.md");
    expect(tarballFaults(tarball(files, "[a](../tensor/README.md)", { exports, dependencies: { "@llr/tensor": "workspace:^" }, peerDependencies: { "gpu.js": "catalog:" } }))).toEqual([
      "@llr/tensor: workspace:^ cannot be installed", "gpu.js: catalog: cannot be installed",
      "README.md links to ../tensor/README.md, which is not in it", "the licence is not in it",
      "src/index.test.ts is for tests or builds only", "dist/tsconfig.tsbuildinfo is for tests or builds only",
    ]);
  });
});

describe("prepack", () => {
  it("refuses what would pack versions of the workspace as they stand, and pnpm never", () => {
    const nn = { name: "@llr/nn", dependencies: { "@llr/tensor": "workspace:^" } };
    for (const agent of ["npm/11.0.0 node/v26.10.0", "yarn/1.22.22", "bun/1.4.5", undefined]) expect(refusalToPack(nn, agent, "pnpm@1.2.3")).toContain("npx pnpm@1.2.3 pack");
    expect(refusalToPack(nn, "pnpm/12.21.0 npm/? node/v26.10.0", "pnpm@1.2.3")).toBeNull();
    expect(refusalToPack({ name: "@llr/optim", devDependencies: { vitest: "catalog:" } }, "npm/11.0.0", "pnpm@1.2.3")).toBeNull();
  });
});
