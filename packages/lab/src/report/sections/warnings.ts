import { escapeHtml } from "../html.ts";
import { warningsOf } from "../warnings.ts";
import type { Section } from "./section.ts";

export const warnings: Section = {
  id: "warnings", heading: "Warnings", short: "Warnings",
  body(comparison) {
    const sentences = warningsOf(comparison);
    return sentences.length === 0 ? null : `<ul class="warnings">${sentences.map((text) => `<li>${escapeHtml(text)}</li>`).join("\n")}</ul>`;
  },
};
