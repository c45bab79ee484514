// What the cells share: how gates lie in a row, and what is said when they do not fit.
import { ShapeError } from "../../errors.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sameShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { slice } from "../slice/slice.ts";

/** Units of a cell that are worth handing to a thread: about 2 us. */
export const CELL_GRAIN = 512;

export const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** [batch, hidden] of a cell whose rows hold `gates` values for every hidden unit. */
export function checkGates(op: string, gates: number, [xGates, hGates, ...others]: readonly Shape[], needs: string, fit: (batch: number, hidden: number) => boolean): readonly [batch: number, hidden: number] {
  const [batch, width] = xGates;
  const hidden = width / gates;
  if (xGates.length !== 2 || !Number.isInteger(hidden) || !sameShape(xGates, hGates) || !fit(batch, hidden))
    throw new ShapeError(op, `inputs are ${[xGates, hGates, ...others].map(formatShape).join(", ")}. It needs ${needs}.`, [xGates, hGates, ...others]);
  return [batch, hidden];
}

/** The i-th of the gates that lie side by side in the last axis. */
export function gate(gates: Tensor, i: number, hidden: number): Tensor {
  return slice(gates, { starts: [i * hidden], ends: [(i + 1) * hidden], axes: [-1] });
}
