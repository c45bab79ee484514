// The few pieces of HTML that the report is put together from.

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as text, whatever a log holds. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (c) => ENTITIES[c]);

/** A table with a heading row; first column left, numbers right. Cells are text. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], caption: string): string {
  const head = headings.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("");
  const body = rows.map(([first, ...rest]) => `<tr><th scope="row">${escapeHtml(first)}</th>${rest.map((text) => `<td>${escapeHtml(text)}</td>`).join("")}</tr>`).join("");
  // A wide table scrolls in a frame that the keyboard reaches. Its caption stays outside, where it wraps with the page.
  return `<p class="caption">${escapeHtml(caption)}</p><div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** Pairs of a name and its value. */
export const definitions = (pairs: readonly (readonly [string, string])[]): string => `<dl>${pairs.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join("")}</dl>`;

/** How a chart is saved: the name of its files, and which of the page's data belong to it. */
export interface Source {
  readonly name: string;
  readonly table: "run" | "tests" | "parameters";
  readonly columns: readonly string[];
  /** Index of the arm; absent for all. */
  readonly arm?: number;
}

/** @param picture HTML @param sentences text below it @param source absent for what is not to be saved */
export function figure(picture: string, sentences: readonly string[], source?: Source): string {
  const attributes = source === undefined ? "" : ` data-name="${escapeHtml(source.name)}" data-table="${source.table}" data-columns="${source.columns.join(" ")}"${source.arm === undefined ? "" : ` data-arm="${source.arm}"`}`;
  return `<figure${attributes}>${picture}<figcaption>${sentences.map(escapeHtml).join(" ")}</figcaption></figure>`;
}

export const paragraphs = (sentences: readonly string[]): string => sentences.map((text) => `<p>${escapeHtml(text)}</p>`).join("\n");
