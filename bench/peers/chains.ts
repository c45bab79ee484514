// Models that are chains of layers, for peers that build them by hand: the same sizes for all.
import { MLP_SIZES, type ModelName } from "../src/tasks.ts";
import { unwritten } from "./protocol.ts";

/** How a peer makes its layers. */
export interface LayerMakers<L> {
  linear(inputs: number, outputs: number, relu: boolean): L;
  /** 5 x 5 convolution, perhaps relu, 2 x 2 maxima. */
  convPool(channels: number, out: number, padding: number, relu: boolean): L;
  readonly flat: L;
}

/** @throws Error for a model that is no chain: an error of its task alone */
export function chainOf<L>(model: ModelName, { linear, convPool, flat }: LayerMakers<L>): readonly L[] {
  switch (model) {
    case "mlp": return MLP_SIZES.slice(1).map((n, i) => linear(MLP_SIZES[i], n, i < 2));
    case "leNet5": return [convPool(1, 6, 2, true), convPool(6, 16, 0, true), flat, linear(400, 120, true), linear(120, 84, true), linear(84, 10, false)];
    case "caffeLeNet": return [convPool(1, 20, 0, false), convPool(20, 50, 0, false), flat, linear(800, 500, true), linear(500, 10, false)];
    default: return unwritten();
  }
}
