import { scheduledMomentum, scheduledRate } from "../charts/armCharts.ts";
import { armLegend } from "../charts/legend.ts";
import { armFigures } from "./armFigures.ts";
import type { Section } from "./section.ts";

export const schedules: Section = {
  id: "schedules", heading: "Schedules", short: "Schedules",
  body: (comparison) => armLegend(comparison.arms) + armFigures([scheduledRate, scheduledMomentum], comparison),
};
