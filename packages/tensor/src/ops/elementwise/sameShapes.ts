import { ShapeError } from "../../errors.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sameShape } from "../../shape.ts";

/** Shape rule of ops whose inputs all have one shape, and so does the output. */
export const sameShapes = (op: string) => (shapes: readonly Shape[]): Shape => {
  const [first] = shapes;
  for (const shape of shapes)
    if (!sameShape(shape, first)) throw new ShapeError(op, `inputs have the shapes ${shapes.map(formatShape).join(" and ")}. They must be equal.`, shapes);
  return first;
};
