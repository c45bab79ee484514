// Matrix products in WGSL, by tiles. A workgroup computes a tile of the output: it fetches strips of a and b into memory that
// its threads share, and each thread multiplies from there into a small block of sums in its registers. So every number is
// fetched from the device's memory once for a whole row or column of a tile instead of once for a product, which is what
// bounds one thread an element. gpu.js' language has no words for shared memory.
//
// Whatever is a product is the same kernel: what a and b are (matrices, transposes, the taps of a convolution) is said by
// snippets of WGSL that find an element.
import type { WgslKernel } from "./kernel.ts";

/** How a product's left or right side is read. Snippets are WGSL; all indices are i32, exact up to 2^31. */
export interface Operand {
  /** Elements of the array. */
  readonly length: number;
  /** Three numbers, of `p` (which of the products) and `side` (row of a, column of b): found once, before all terms. */
  readonly place: string;
  /** Three numbers, of the term `i`: found once for four neighbouring sides. */
  readonly step: string;
  /** Statements before `inside` and `index`, which they may use. Of `place` and `step`, as those. */
  readonly prepare?: string;
  /** Where this is false, the element is 0: the padding of an image. */
  readonly inside?: string;
  /** Where the element lies. */
  readonly index: string;
  /** What lies side by side in the array, and should be fetched by neighbouring threads: elements of a `side` or of a term. */
  readonly neighbours: "sides" | "terms";
  /** Whether four neighbouring sides, from a multiple of 4 on, lie side by side at a multiple of 4, and there is no `inside`. */
  readonly isAligned?: boolean;
}

/** c[p, row, column] = sum over i < k of a[p, row, i] * b[p, i, column], for each p < count. */
export interface Product {
  readonly name: string;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly count: number;
  readonly a: Operand;
  readonly b: Operand;
  /** Added once to each sum: the element at `index`, of `p` and `row`, of a third array. */
  readonly bias?: { readonly length: number; readonly index: string };
  /** Where a sum goes, of `p`, `row` and `column`; all places together are the output. Aligned: as for operands, along columns. */
  readonly output: { readonly index: string; readonly isAligned: boolean };
}

export interface Tile {
  readonly rows: number;
  readonly columns: number;
  /** Terms that are fetched at a time. */
  readonly depth: number;
  /** The sums of a thread: its block has as many rows as columns. 4 or 8. */
  readonly block: 4 | 8;
}

export const threadsOf = ({ rows, columns, block }: Tile): number => (rows / block) * (columns / block);

export const lengthOfProduct = ({ m, n, count }: Product): number => m * n * count;

const LANES = ["x", "y", "z", "w"];

/**
 * The kernel of a product. With `splits` > 1 the terms are cut into as many ranges, and the output is the arrays of their
 * sums, one after the other, to be added up.
 */
export function tiledKernel(product: Product, tile: Tile, splits = 1): WgslKernel {
  const { name, m, n, k, count, a, b, bias, output } = product;
  const range = Math.ceil(k / splits / tile.depth) * tile.depth;
  const length = lengthOfProduct(product);
  const left = new Strip("A", a, m, tile.rows, tile, k);
  const right = new Strip("B", b, n, tile.columns, tile, k);
  const acrossTile = tile.columns / tile.block;
  const quads = Array.from({ length: tile.block / 4 }, (_, q) => q);
  const rows = Array.from({ length: tile.block }, (_, r) => r);
  // A thread's block is in parts of 4 x 4, so that the fours which neighbouring threads read lie side by side.
  const rowOf = (r: number): string => `firstRow + ${Math.floor(r / 4) * (tile.rows / quads.length) + (r % 4)} + 4 * down`;
  const columnOf = (q: number): string => `firstColumn + ${q * (tile.columns / quads.length)} + 4 * across`;
  const stored = bias === undefined ? "sum" : `sum + select(0.0, bias[${bias.index}], split == 0)`;
  const element = output.isAligned ? "vec4<f32>" : "f32";

  const wgsl = `// ${name}: ${count} x [${m}, ${k}] x [${k}, ${n}], tiles of ${tile.rows} x ${tile.columns}, ${splits} ranges of terms
@group(0) @binding(0) var<storage, read> a: array<${left.element}>;
@group(0) @binding(1) var<storage, read> b: array<${right.element}>;
${bias === undefined ? "" : "@group(0) @binding(2) var<storage, read> bias: array<f32>;\n"}@group(0) @binding(${bias === undefined ? 2 : 3}) var<storage, read_write> c: array<${element}>;
${left.declarations()}
${right.declarations()}
fn store(p: i32, row: i32, column: i32, split: i32, sum: ${element}) {
  if (row < ${m} && column < ${n}) {
    c[(split * ${length} + ${output.index})${output.isAligned ? " / 4" : ""}] = ${stored};
  }
}
@compute @workgroup_size(${threadsOf(tile)})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  let thread = i32(index);
  let firstRow = i32(group.y) * ${tile.rows};
  let firstColumn = i32(group.x) * ${tile.columns};
  let p = i32(group.z) / ${splits};
  let split = i32(group.z) % ${splits};
  let begin = split * ${range};
  let end = min(begin + ${range}, ${k});
${left.places("firstRow")}
${right.places("firstColumn")}
  let across = thread % ${acrossTile};
  let down = thread / ${acrossTile};
${rows.map((r) => quads.map((q) => `  var sum${r}_${q} = vec4<f32>();`).join("\n")).join("\n")}
${left.fetch("begin", "  ")}
${right.fetch("begin", "  ")}
  for (var i = begin; i < end; i += ${tile.depth}) {
    workgroupBarrier();
${left.put()}
${right.put()}
    workgroupBarrier();
    // The next strips are on their way while this one is multiplied.
    if (i + ${tile.depth} < end) {
${left.fetch(`i + ${tile.depth}`, "      ")}
${right.fetch(`i + ${tile.depth}`, "      ")}
    }
    for (var t = 0; t < ${tile.depth}; t++) {
${quads.map((q) => `      let a${q} = tileA[t * ${left.pitch} + ${q * (tile.rows / 4 / quads.length)} + down];\n      let b${q} = tileB[t * ${right.pitch} + ${q * (tile.columns / 4 / quads.length)} + across];`).join("\n")}
${rows.map((r) => quads.map((q) => `      sum${r}_${q} += a${Math.floor(r / 4)}.${LANES[r % 4]} * b${q};`).join("\n")).join("\n")}
    }
  }
${rows.map((r) => quads.map((q) => (output.isAligned
    ? `  store(p, ${rowOf(r)}, ${columnOf(q)}, split, sum${r}_${q});`
    : LANES.map((lane, e) => `  store(p, ${rowOf(r)}, ${columnOf(q)} + ${e}, split, sum${r}_${q}.${lane});`).join("\n"))).join("\n")).join("\n")}
}
`;
  return {
    name, wgsl,
    inputs: [a.length, b.length, ...(bias === undefined ? [] : [bias.length])],
    output: splits * length,
    workgroups: [Math.ceil(n / tile.columns), Math.ceil(m / tile.rows), count * splits],
  };
}

/** The part of a or b that a workgroup holds: `depth` terms of the sides of its tile, in fours of sides. */
class Strip {
  /** What the array is read as. */
  readonly element: "f32" | "vec4<f32>";
  /** Fours from one term to the next. */
  readonly pitch: number;
  private readonly id: "A" | "B";
  private readonly operand: Operand;
  private readonly sides: number;
  private readonly threads: number;
  private readonly depth: number;
  private readonly fours: number;
  /** Index of the last side, or of the last four of them. */
  private readonly last: number;
  private readonly hasRest: boolean;

  constructor(id: "A" | "B", operand: Operand, all: number, sides: number, tile: Tile, k: number) {
    this.id = id;
    this.operand = operand;
    this.sides = sides;
    this.threads = threadsOf(tile);
    this.depth = tile.depth;
    this.fours = (sides / 4) * tile.depth;
    this.element = operand.isAligned ? "vec4<f32>" : "f32";
    this.last = operand.isAligned ? all - 4 : all - 1;
    this.hasRest = k % tile.depth !== 0;
    // Threads that write the terms of one side would all meet in one bank of the shared memory without the additional four.
    this.pitch = sides / 4 + (operand.neighbours === "terms" ? 1 : 0);
  }

  declarations(): string {
    const { id, element, operand: { place, step, prepare, inside, index, isAligned } } = this;
    const array = id.toLowerCase();
    return `var<workgroup> tile${id}: array<vec4<f32>, ${this.pitch * this.depth}>;
fn place${id}(p: i32, side: i32) -> vec3<i32> {
  return vec3<i32>(${place});
}
fn step${id}(i: i32) -> vec3<i32> {
  return vec3<i32>(${step});
}
fn read${id}(place: vec3<i32>, step: vec3<i32>) -> ${element} {
${prepare === undefined ? "" : `  ${prepare}\n`}${inside === undefined ? "" : `  if (!(${inside})) { return 0.0; }\n`}  return ${array}[${isAligned ? `(${index}) / 4` : index}];
}`;
  }

  /** Which fours a thread fetches, and the places of their sides. Sides beyond the last are the last: nobody stores what comes of them. */
  places(first: string): string {
    const { id, last, depth } = this;
    const across = this.sides / 4;
    return this.eachFour((j) => {
      const slot = j === 0 ? "thread" : `(thread + ${j * this.threads})`;
      const [side, term] = this.operand.neighbours === "sides" ? [`${slot} % ${across}`, `${slot} / ${across}`] : [`${slot} / ${depth}`, `${slot} % ${depth}`];
      const places = this.lanes.map((e) => `  let place${id}${j}_${e} = place${id}(p, min(${first} + 4 * side${id}${j} + ${e}, ${last}));`);
      return [`  let side${id}${j} = ${side};`, `  let term${id}${j} = ${term};`, ...places, `  var four${id}${j} = vec4<f32>();`].join("\n");
    });
  }

  /** From the device's memory into registers. Beyond the last term are zeros, on both sides. */
  fetch(first: string, indent: string): string {
    const { id } = this;
    return this.eachFour((j) => {
      const term = `${first} + term${id}${j}`;
      const reads = this.lanes.map((e) => `read${id}(place${id}${j}_${e}, step)`).join(", ");
      const value = this.operand.isAligned ? reads : `vec4<f32>(${reads})`;
      const fetched = `{ let step = step${id}(${term}); four${id}${j} = ${value}; }`;
      return indent + this.guarded(j, this.hasRest ? `if (${term} < end) ${fetched} else { four${id}${j} = vec4<f32>(); }` : fetched);
    });
  }

  /** From registers into the memory that the threads share. */
  put(): string {
    const { id } = this;
    return this.eachFour((j) => "    " + this.guarded(j, `tile${id}[term${id}${j} * ${this.pitch} + side${id}${j}] = four${id}${j};`));
  }

  private get lanes(): readonly number[] {
    return this.operand.isAligned ? [0] : [0, 1, 2, 3];
  }

  private eachFour(text: (j: number) => string): string {
    return Array.from({ length: Math.ceil(this.fours / this.threads) }, (_, j) => text(j)).join("\n");
  }

  private guarded(j: number, statement: string): string {
    return (j + 1) * this.threads <= this.fours ? statement : `if (thread < ${this.fours - j * this.threads}) { ${statement} }`;
  }
}
