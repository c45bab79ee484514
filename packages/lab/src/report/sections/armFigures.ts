import type { ArmChart } from "../charts/armCharts.ts";
import type { Comparison } from "../comparison.ts";
import { figure } from "../html.ts";

/** Charts of all arms, two beside each other where there is room. */
export function armFigures(charts: readonly ArmChart[], comparison: Comparison): string {
  const drawn = charts.map((one) => {
    const { html, remarks } = one.draw(comparison);
    return figure(html, [one.caption, ...remarks], { name: one.name, table: one.table, columns: one.columns });
  });
  return `<div class="pair">${drawn.join("\n")}</div>`;
}
