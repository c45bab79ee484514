import { definitions, escapeHtml } from "../html.ts";
import type { Section } from "./section.ts";

export const setting: Section = {
  id: "setting", heading: "Setting", short: "Setting",
  body({ manifest }) {
    const { config, machine, versions, arithmetic, data } = manifest;
    const command = `npm run llr -- compare --model ${config.model} --arms ${config.arms.join(",")} --epochs ${config.epochs} --batch-size ${config.batchSize} --images ${config.images} --test-images ${config.testImages} --seed ${config.seed}`;
    return [
      definitions([
        ["Machine", `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform} ${machine.arch}`],
        ["Software", `llr ${versions.llr}, Node ${versions.node}, V8 ${versions.v8}`],
        ["Kernels", `${arithmetic.home}, ${arithmetic.threads} thread an arm; ${arithmetic.arithmetic}`],
        ["Tested", `every ${config.testEvery} steps and after the last`],
        ...data.files.map((f) => [f.file, `SHA-256 ${f.sha256}`] as const),
      ]),
      `<p>Again, with the rates of this version: <code>${escapeHtml(command)}</code></p>`,
      `<p>The same seed gives the same metrics and layer series, to the last bit, on any number of workers. Beside this file: <code>summary.csv</code>, <code>layers.csv</code> (up to 1,000 steps of every arm), and in <code>arms/</code> the logs with every step. With scripts, each chart has buttons that save it as SVG, and its numbers (up to 500 steps of every arm) as CSV.</p>`,
    ].join("\n");
  },
};
