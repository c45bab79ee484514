/** Exit codes of `llr`. 130 is what shells give for Ctrl-C. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;
