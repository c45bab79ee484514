/** What an optimizer's `loadStateDict` refuses, without loading: for optimizers that are made of others. */
export const stateChecks: WeakMap<object, (dict: unknown) => void> = new WeakMap();
