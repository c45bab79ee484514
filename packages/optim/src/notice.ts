/** Present in Node, browsers, Deno and Bun, but not in the language's own types. */
declare const console: { warn(text: string): void } | undefined;

const said = new Set<string>();

/** Tells something that is no error, but rarely meant: once, however many optimizers are made. */
export function noticeOnce(text: string): void {
  if (said.has(text)) return;
  said.add(text);
  // oxlint-disable-next-line no-console -- the one message that is no error and that nobody would look for
  if (typeof console !== "undefined") console.warn(text);
}
