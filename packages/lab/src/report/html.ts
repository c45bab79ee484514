// The few pieces of HTML that the report is put together from.

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as text, whatever a log holds. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (c) => ENTITIES[c]);

/** A table with a heading row; first column left, numbers right. Cells are text. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], caption: string): string {
  const cells = (tag: "th" | "td", row: readonly string[]): string => row.map((c, i) => (tag === "td" && i === 0 ? `<th scope="row">${escapeHtml(c)}</th>` : `<${tag}${tag === "th" ? ' scope="col"' : ""}>${escapeHtml(c)}</${tag}>`)).join("");
  // A wide table scrolls in its own frame, which the keyboard reaches.
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${cells("th", headings)}</tr></thead><tbody>${rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("")}</tbody></table></div>`;
}

/** Pairs of a name and its value. */
export const definitions = (pairs: readonly (readonly [string, string])[]): string => `<dl>${pairs.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join("")}</dl>`;

/** @param caption HTML */
export const figure = (picture: string, caption: string): string => `<figure>${picture}<figcaption>${caption}</figcaption></figure>`;

/** @param body HTML */
export const section = (id: string, heading: string, body: string): string => `<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${escapeHtml(heading)}</h2>${body}</section>`;
