// Texts in logs are whatever their writer put there. On a terminal an escape sequence clears the screen, moves the cursor or
// types; marks that turn the direction of writing make a line read as another.

/** Control characters, marks that format or turn lines, other ends of lines, halves of surrogate pairs. */
const HIDDEN = /[\p{Cc}\p{Cf}\u2028\u2029\p{Cs}]/gu;

/** A text out of a file as one line in which nothing is hidden: escape is shown as `\u001b`. */
export const visible = (text: string): string => text.replace(HIDDEN, (c) => [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, "0")}`).join(""));
