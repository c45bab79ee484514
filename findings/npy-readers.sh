#!/usr/bin/env bash
# npyjs gives a Fortran-ordered array's numbers in file order, so they read as another matrix; numpy-parser makes (n,) into [n, 1].
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm npyjs@1.2.0 numpy-parser@1.2.3
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import { load } from "npyjs";
import numpyParser from "numpy-parser";

versions("npyjs", "numpy-parser");
/** A version 1 npy file of float32. */
function npy(shape, values, fortran) {
  const dictionary = `{'descr': '<f4', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${shape}), }`;
  const header = `${dictionary.padEnd(64 * Math.ceil((dictionary.length + 11) / 64) - 11)}\n`;
  const head = Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(header.length % 256, header.length >> 8)}${header}`, "latin1");
  return Uint8Array.from([...head, ...new Uint8Array(Float32Array.from(values).buffer)]).buffer;
}
const row = await load(npy("2, 3", [1, 2, 3, 4, 5, 6], false));
saw("npyjs: [[1, 2, 3], [4, 5, 6]] in C order", { guess: [1, 2, 3, 4, 5, 6], got: row.data, holds: String(row.data) === "1,2,3,4,5,6" });
const column = await load(npy("2, 3", [1, 4, 2, 5, 3, 6], true));
saw(`npyjs: the same array as numpy.save writes its transpose's transpose, shape [${column.shape}], fortranOrder ${column.fortranOrder}`, {
  guess: [1, 2, 3, 4, 5, 6], got: column.data, holds: String(column.data) === "1,4,2,5,3,6" && column.fortranOrder === true,
});
for (const [shape, count, known] of [["3,", 3, "3,1"], ["2, 3", 6, "2,3"]]) {
  const got = numpyParser.fromArrayBuffer(npy(shape, Array.from({ length: count }, (_, i) => i), false)).shape;
  saw(`numpy-parser: shape of a (${shape}) array`, { guess: shape.split(",").filter(Boolean).map(Number), got, holds: String(got) === known });
}
JS
node run.mjs
