import { gradientNorm, testAccuracy, testAccuracyOverSeconds, trainingAccuracy, trainingLoss, trainingLossOverSeconds } from "../charts/armCharts.ts";
import { armLegend } from "../charts/legend.ts";
import { findings } from "../findings.ts";
import { escapeHtml, paragraphs, table } from "../html.ts";
import { percent, remarks, SUMMARY_HEADINGS, summaryCells } from "../summary.ts";
import { armFigures } from "./armFigures.ts";
import type { Section } from "./section.ts";

export const outcome: Section = {
  id: "outcome", heading: "Outcome", short: "Outcome",
  body(comparison) {
    const { arms, manifest } = comparison;
    const target = manifest.config.targetAccuracy;
    return [
      paragraphs(findings(comparison)),
      table(SUMMARY_HEADINGS, arms.map((arm) => summaryCells(arm, target)), `Largest rate of the schedule; accuracy and loss after the last step; seconds of training alone; steps until a test first showed ${percent(target)}`),
      ...remarks(arms).map(({ label, remark }) => `<p class="failure"><strong>${escapeHtml(label)}</strong>: ${escapeHtml(remark)}</p>`),
      armLegend(arms),
      armFigures([trainingLoss, testAccuracy, trainingAccuracy, gradientNorm], comparison),
      `<h3>Over time</h3><p>Seconds of the training steps alone, on this machine and with as many arms at once as it was told to train. Of all numbers here, only these come out otherwise in another run.</p>`,
      armFigures([trainingLossOverSeconds, testAccuracyOverSeconds], comparison),
    ].join("\n");
  },
};
