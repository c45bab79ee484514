import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { relu, setTurbo, tensor } from "../index.ts";

/** Products of all sizes around the tiles and beyond the blocks, in a process of its own: a digest, or what was thrown. */
function productsOf(first: string): { digest: string; turbo: boolean } {
  const program = `
    import { createHash } from "node:crypto";
    import { describeBackend, matmul, Rng, scope, setArithmetic, setTurbo, tensor } from ${JSON.stringify(join(import.meta.dirname, "../index.ts"))};
    ${first}
    const rng = new Rng(1);
    const random = (shape) => tensor(Float32Array.from({ length: shape[0] * shape[1] }, () => rng.normal()), shape);
    const hash = createHash("sha256");
    const sizes = [1, 3, 4, 5, 15, 16, 17, 33];
    const all = sizes.flatMap((m) => sizes.flatMap((n) => sizes.map((k) => [m, n, k]))).concat([[250, 40, 70], [9, 1050, 6], [9, 20, 800]]);
    for (const [m, n, k] of all) for (const transposed of [false, true])
      scope(() => hash.update(matmul(random(transposed ? [k, m] : [m, k]), random(transposed ? [n, k] : [k, n]), { transposeA: transposed, transposeB: transposed }).toArray()));
    console.log(JSON.stringify({ digest: hash.digest("hex"), turbo: describeBackend().turbo }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program], { encoding: "utf8", timeout: 60_000 });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as ReturnType<typeof productsOf>;
}

describe.skipIf(process.arch !== "x64")("setTurbo", () => {
  it("changes no bit of a matrix product, whatever the arithmetic", () => {
    for (const arithmetic of ["", 'setArithmetic("portable");']) {
      const plain = productsOf(arithmetic);
      expect(productsOf(`${arithmetic} setTurbo();`)).toEqual({ digest: plain.digest, turbo: true });
      expect(plain.turbo).toBe(false);
    }
  });

  it("is refused when kernels have run", () => {
    relu(tensor([1]));
    expect(() => setTurbo()).toThrow("setTurbo: kernels have already been compiled without it. Call it before the first op.");
  });
});
