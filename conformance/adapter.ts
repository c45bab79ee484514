// What the conformance kit loads, by plain `node`: without the launcher, the packages would resolve to what is built of them. So
// the door asks for their sources before it opens (see tools/sources.ts); everything that is offered is in offer.ts.
import { registerHooks } from "node:module";

registerHooks({ resolve: (specifier, context, next) => next(specifier, { ...context, conditions: ["@llr/source", ...context.conditions] }) });

export const { backward, clip, detach, errors, gradOf, init, loaders, lrFind, ops, optimizer, plain, schedule, scope, tensor } = await import("./offer.ts");
