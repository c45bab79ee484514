/** An error that the user can mend: of the @llr packages, or of the system. Everything else is ours. */
export function isExpected(error: unknown): error is Error & { code: string } {
  if (!(error instanceof Error) || !("code" in error)) return false;
  // Errors of the @llr packages carry a code; `instanceof` would miss those of another copy. System calls name themselves.
  return (String(error.code).startsWith("LLR_") && error.code !== "LLR_INTERNAL") || "syscall" in error;
}
