// Boxes inside larger tensors on a device: see runs.ts.
import type { DeviceBuffer } from "../../device.ts";
import { gridOf, placeOf, refuseInexact } from "../../gpu/grid.ts";
import type { Run } from "../../gpu/kernels.ts";
import { exactQuotient } from "../../gpu/source.ts";
import type { Shape } from "../../shape.ts";
import { sizeOf, stridesOf } from "../../shape.ts";
import type { Box } from "./runs.ts";

/** The box of a whole tensor of the given shape, placed inside a larger one. */
export const boxIn = (shape: Shape, startOf: (axis: number) => number): Box => ({ starts: shape.map((_, axis) => startOf(axis)), steps: shape.map(() => 1), counts: shape });

interface BoxAxis {
  /** Of the larger tensor. */
  readonly size: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** Axes that the box has whole become one with the axis before them. */
function boxAxes(shape: Shape, { starts, steps, counts }: Box): readonly BoxAxis[] {
  const axes: BoxAxis[] = [];
  for (let i = shape.length - 1; i >= 0; i--) {
    const own = { size: shape[i], start: starts[i], step: steps[i], count: counts[i] };
    const inner = axes[0];
    if (inner !== undefined && own.step === 1 && inner.step === 1 && inner.start === 0 && inner.count === inner.size)
      axes[0] = { size: own.size * inner.size, start: own.start * inner.size, step: 1, count: own.count * inner.size };
    else axes.unshift(own);
  }
  return axes;
}

/** A tensor of `shape` with the numbers of x in a box, of which parts may lie outside, and `outside`, an expression, everywhere else. */
export function put(name: string, run: Run, x: DeviceBuffer, shape: Shape, box: Box, outside: string): DeviceBuffer {
  if (x.length === 0) return run({ name, inputs: [], output: [sizeOf(shape)], source: `function () { return ${outside}; }` }, []);
  const axes = boxAxes(shape, box);
  const grid = gridOf(axes.map((axis) => axis.size));
  refuseInexact(name, [x.length]);
  const [statements, conditions, places]: [string[], string[], string[]] = [[], [], []];
  axes.forEach(({ size, start, step, count }, i) => {
    const index = grid.indices[i];
    // The box from its lowest entry on, whichever way it goes.
    const lowest = step > 0 ? start : start + (count - 1) * step;
    const stride = Math.abs(step);
    const ahead = lowest === 0 ? index : `(${index} ${lowest < 0 ? "+" : "-"} ${Math.abs(lowest)})`;
    const entry = stride === 1 ? ahead : `q${i}`;
    if (stride !== 1) {
      statements.push(exactQuotient(`q${i}`, ahead, stride));
      conditions.push(`q${i} * ${stride} === ${ahead}`);
    }
    if (lowest > 0) conditions.push(`${entry} >= 0`);
    if (lowest + (count - 1) * stride < size - 1) conditions.push(`${entry} < ${count}`);
    places.push(step > 0 ? entry : `(${count - 1} - ${entry})`);
  });
  const inside = `p[${placeOf(places, stridesOf(axes.map((axis) => axis.count)))}]`;
  const value = conditions.length === 0 ? `return ${inside};` : `if (${conditions.join(" && ")}) return ${inside}; return ${outside};`;
  return run({ name, inputs: [[x.length]], output: grid.output, source: `function (p) { ${grid.prelude}${statements.join("")}${value} }` }, [x]);
}
