import type { Parameter } from "@llr/autograd";

/** Where a model has a parameter. */
export interface Place {
  /** Path from the model that was asked, such as "conv1.weight": of the first place, where a parameter has several. */
  readonly name: string;
  /** Path of the module that owns it, such as "conv1". */
  readonly layer: string;
  /** All of its paths. */
  readonly paths: readonly string[];
}

/** The paths of each parameter in the model that named it. */
const pathsAtNaming = new WeakMap<Parameter, readonly string[]>();

/**
 * Gives each parameter its path as name, unless it has a longer path already that ends so: then a part of a model was asked,
 * and what is known of the parameter by its name elsewhere (optimizer state, gradients, layers) goes by the longer one. Parts of
 * several models in one new model may bring equal names along; then the new model names all.
 */
export function nameParameters(places: ReadonlyMap<Parameter, Place>): void {
  const isPart = ([p, { name }]: readonly [Parameter, Place]): boolean => pathsAtNaming.get(p)?.some((path) => path.endsWith(`.${name}`)) ?? false;
  const kept = new Set([...places].filter(isPart).map(([p]) => p));
  const names = new Set([...places].map(([p, place]) => (kept.has(p) ? p.name : place.name)));
  if (names.size < places.size) kept.clear();
  for (const [p, { name, layer, paths }] of places) {
    if (kept.has(p)) continue;
    p.name = name;
    p.layer = layer;
    pathsAtNaming.set(p, paths);
  }
}
