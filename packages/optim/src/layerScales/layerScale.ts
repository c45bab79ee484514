/** Where a layer stands in the model: layers are the distinct `layer` values, in the order in which the parameters are given. */
export interface LayerPosition {
  readonly name: string;
  /** 0 for the layer next to the input. */
  readonly index: number;
  readonly count: number;
}

/** Multiplier of the scheduled rate for one layer at step `t`, >= 0. It comes before the layer rate: LARC's cap is `lr · scale`. */
export type LayerScale = (layer: LayerPosition, t: number) => number;

/** How deep a layer lies, from 0 at the input to 1 at the output. A single layer is in the middle. */
export const depthOf = ({ index, count }: LayerPosition): number => (count > 1 ? index / (count - 1) : 0.5);
