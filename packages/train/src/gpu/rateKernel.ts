import type { Tensor } from "@llr/tensor";
import type { Gpu } from "@llr/tensor/gpu";
import type { Placement } from "@llr/optim";
import { Columns } from "./columns.ts";
import type { DeviceDirection } from "./deviceDirections.ts";
import type { DeviceRate } from "./deviceRates.ts";

/** What the host knows of a step, for every rule. `layer` numbers the parameters whose distances are added up. */
const GIVEN = ["active", "adapts", "sign", "lr", "l2Decay", "decoupledDecay", "layer"];
/** What the kernel decides. `lastRate` outlives steps without a gradient. */
const DECIDED = ["trust", "rate", "limit", "weightNorm", "gradNorm", "inner", "l2", "outer", "decay", "lastRate"];

/** inner and outer, as factorsOf in updateParam.ts of @llr/optim. */
const FACTORS: Readonly<Record<Placement, readonly [inner: string, outer: string]>> = { outside: ["1", "rate"], inside: ["rate", "1"], trustInside: ["trust", "lr"] };

/** One launch that decides for all parameters at once what their updates are multiplied with. */
export interface RateKernel {
  /** What the host hands over, one row a parameter. */
  readonly given: Columns;
  /** What comes out, one row a parameter: the decisions, then the numbers of the host that update kernels need. */
  readonly decided: Columns;
  /** Sums of squares that a parameter needs: of weights, of gradient and, where means are kept, of the distances to them. */
  readonly sumsPerParam: number;
  run(gpu: Gpu, given: Tensor, sums: Tensor, previous: Tensor): Tensor;
}

export function rateKernel(count: number, rule: DeviceRate, direction: DeviceDirection, placement: Placement): RateKernel {
  const handedOn = [...new Set([...direction.scalars, ...rule.updateScalars])];
  const given = new Columns([...new Set([...handedOn, ...GIVEN, ...rule.scalars])]);
  const decided = new Columns([...DECIDED, ...handedOn]);
  const sumsPerParam = rule.keepsMeans ? 4 : 2;
  const source = sourceOf(count, given, decided, rule, placement);
  return {
    given,
    decided,
    sumsPerParam,
    run: (gpu, rows, sums, previous) => gpu.run({ name: "layer rates", inputs: [[count, given.count], [count, sumsPerParam], [count, decided.count]], output: [count, decided.count], source }, [rows, sums, previous], [count, decided.count]),
  };
}

function sourceOf(count: number, given: Columns, decided: Columns, rule: DeviceRate, placement: Placement): string {
  const own = (name: string): string => given.at("given", "this.thread.y", name);
  const [inner, outer] = FACTORS[placement];
  const results: Record<string, string> = { trust: "trust", rate: "rate", limit: "limit", weightNorm: "weightNorm", gradNorm: "gradNorm", inner: `${inner} * ${own("sign")}`, l2: "l2", outer, decay: "shrinks", lastRate: "lastRate" };
  return `function (given, sums, previous) {
  const lr = ${own("lr")};
  const weightNorm = Math.sqrt(sums[this.thread.y][0]);
  const gradNorm = Math.sqrt(sums[this.thread.y][1]);
  const decay = ${own("l2Decay")} + ${own("decoupledDecay")};
  const last = ${decided.at("previous", "this.thread.y", "lastRate")};
  let trust = 1;
  let rate = lr;
  let limit = 0;
  let decays = 1;
${rule.keepsMeans ? distances(count, given) : ""}
  if (${own("adapts")} > 0) {${rule.source(own)}
  }
  let lastRate = last;
  if (${own("active")} > 0) { lastRate = rate; }
  const l2 = decays * ${own("l2Decay")} * ${own("sign")};
  const shrinks = decays * rate * ${own("decoupledDecay")};
  let out = 0;
  if (this.thread.x >= ${DECIDED.length}) { out = given[this.thread.y][this.thread.x - ${DECIDED.length}]; }
${DECIDED.map((name) => `  if (this.thread.x === ${decided.of(name)}) { out = ${results[name]}; }`).join("\n")}
  return out;
}`;
}

/** The first gradient starts the means, and knows no distance. Rounding in float32 moves a mean by 1e-6 of the weights' norm. */
function distances(count: number, given: Columns): string {
  const other = (name: string): string => given.at("given", "i", name);
  return `  let weightMoved = 0;
  let gradientMoved = 0;
  let noise = 0;
  for (let i = 0; i < ${count}; i++) {
    if (${other("layer")} === ${given.at("given", "this.thread.y", "layer")} && ${other("active")} > 0 && ${other("adapts")} > 0 && ${other("seen")} > 0) {
      weightMoved += sums[i][2];
      gradientMoved += sums[i][3];
      noise += sums[i][0] * 1e-12;
    }
  }`;
}
