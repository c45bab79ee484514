// Property tests try the same cases in every run, so that a failure can be met again and nobody's change is blamed for
// another's. LLR_SEED=random (or any number) goes looking for others.
import * as fc from "fast-check";

const wish = process.env["LLR_SEED"] ?? "1";
if (wish !== "random") fc.configureGlobal({ seed: Number(wish) });
