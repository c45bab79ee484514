/** Exit codes of `llr`. One that is stopped has 128 and the signal's number, as shells have it: see interrupt.ts. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;
