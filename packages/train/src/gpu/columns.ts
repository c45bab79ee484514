// Numbers of a step, one row a parameter: packed in one array, so that one upload brings them and one read fetches them.

/** Where each named number stands in a row. */
export class Columns {
  readonly names: readonly string[];

  constructor(names: readonly string[]) {
    this.names = names;
  }

  get count(): number {
    return this.names.length;
  }

  /** As a subscript. */
  of(name: string): number {
    const at = this.names.indexOf(name);
    if (at < 0) throw new Error(`internal: no column is named ${name}.`);
    return at;
  }

  /** In a kernel that has the array as `array`. */
  at(array: string, row: string, name: string): string {
    return `${array}[${row}][${this.of(name)}]`;
  }

  packed(rows: readonly Readonly<Record<string, number>>[]): Float32Array {
    const { names } = this;
    const all = new Float32Array(rows.length * names.length);
    for (const [i, row] of rows.entries()) for (let k = 0; k < names.length; k++) all[i * names.length + k] = row[names[k]] ?? 0;
    return all;
  }
}
