// Damages of a comparison on disk (SMALL_COMPARISON), by name. A reader has to tell each.
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sealLogs } from "./writeComparison.ts";

export interface Damage {
  readonly name: string;
  /** Changes the comparison in a folder. */
  readonly harm: (dir: string) => void;
  /** The file that has to be named, from the folder. */
  readonly file: string;
  /** A part of the message. */
  readonly says: string;
}

const lars = (file: string): string => join("arms", "lars", file);

const damage = (name: string, file: string, says: string, harm: (path: string, dir: string) => void): Damage => ({ name, file, says, harm: (dir) => harm(join(dir, file), dir) });

/** Changes the text of a file; a change that changes nothing would be no test. */
function edited(name: string, file: string, says: string, edit: (text: string) => string): Damage {
  return damage(name, file, says, (path) => {
    const text = readFileSync(path, "utf8");
    const changed = edit(text);
    if (changed === text) throw new Error(`${name} changes nothing in ${file}`);
    writeFileSync(path, changed);
  });
}

/** With the checksums of the logs made right again. */
const sealed = (damaged: Damage): Damage => ({ ...damaged, harm: (dir) => {
  damaged.harm(dir);
  sealLogs(dir);
} });

type Fields = Record<string, unknown>;

/** Changes the document of a file. */
const changed = (name: string, file: string, says: string, change: (document: Fields & { config: Fields; result: Fields & { test: Fields } }) => void): Damage =>
  edited(name, file, says, (text) => {
    const document = JSON.parse(text) as Fields & { config: Fields; result: Fields & { test: Fields } };
    change(document);
    return `${JSON.stringify(document, null, 2)}\n`;
  });

const line = (text: string, n: number): string => `${text.split("\n")[n - 1]}\n`;

function exchange(dir: string, a: string, b: string): void {
  renameSync(join(dir, a), join(dir, "aside"));
  renameSync(join(dir, b), join(dir, a));
  renameSync(join(dir, "aside"), join(dir, b));
}

const ofAnyFile = (file: string): Damage[] => [
  damage(`${file} is empty`, file, "", (path) => truncateSync(path, 0)),
  edited(`${file} is cut in the middle`, file, "", (text) => text.slice(0, text.length >> 1)),
  edited(`${file} holds null`, file, "", () => "null\n"),
  edited(`${file} holds a number`, file, "", () => "1\n"),
  edited(`${file} holds a list`, file, "", () => "[]\n"),
  edited(`${file} holds lists a thousand deep`, file, "nested", () => `${"[".repeat(1000)}${"]".repeat(1000)}\n`),
  edited(`${file} holds another format's text`, file, "is no JSON", () => "<!doctype html>\n"),
  edited(`${file} begins with a prototype`, file, "__proto__", (text) => text.replace("{", '{"__proto__":{"status":"finished"},')),
  edited(`${file} has a key twice`, file, "twice", (text) => text.replace(/"(\w+)":\s*/, '"$1":1,$&')),
  edited(`${file} has an unknown key`, file, "unknown key", (text) => text.replace("{", '{"extra":1,')),
  damage(`${file} has a byte that is no UTF-8`, file, "no UTF-8", (path) => {
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] = 0xff;
    writeFileSync(path, bytes);
  }),
  damage(`${file} is a folder`, file, "no regular file", (path) => {
    rmSync(path);
    mkdirSync(path);
  }),
  damage(`${file} is as large as a disk`, file, "bytes", (path) => truncateSync(path, 2 ** 40)),
];

const ofAnyLog = (file: string): Damage[] => [
  damage(`${file} is missing`, file, "0 steps", (path) => rmSync(path)),
  edited(`${file} lacks its last line`, file, "", (text) => text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1)),
  edited(`${file} is cut in its last line`, file, "", (text) => text.slice(0, -10)),
  edited(`${file} has its last line twice`, file, "", (text) => text + line(text, text.split("\n").length - 1)),
  edited(`${file} has its third line before its second`, file, "", (text) => text.replace(line(text, 2) + line(text, 3), line(text, 3) + line(text, 2))),
  edited(`${file} has an empty line`, file, "is no JSON", (text) => text.replace("\n", "\n\n")),
];

export const DAMAGES: readonly Damage[] = [
  ...["compare.json", "run.json", "metrics.jsonl", "times.jsonl", "layers.jsonl"].flatMap((file) => ofAnyFile(file === "compare.json" ? file : lars(file))),
  ...["metrics.jsonl", "times.jsonl", "layers.jsonl"].flatMap((file) => ofAnyLog(lars(file))),

  changed("compare.json has another format", "compare.json", "format 2", (d) => { d["format"] = 2; }),
  changed("compare.json has an unknown status", "compare.json", "status", (d) => { d["status"] = "done"; }),
  changed("the seed is a script", "compare.json", "config.seed", (d) => { d.config["seed"] = "<img src=x onerror=alert(1)>"; }),
  ...["images", "testImages", "epochs", "batchSize", "steps", "testEvery"].map((key) => changed(`${key} is a script`, "compare.json", `config.${key}`, (d) => { d.config[key] = "<script>alert(1)</script>"; })),
  changed("half an epoch", "compare.json", "config.epochs", (d) => { d.config["epochs"] = 0.5; }),
  changed("an accuracy above all", "compare.json", "config.targetAccuracy", (d) => { d.config["targetAccuracy"] = 98.5; }),
  changed("steps that images do not make", "compare.json", "config.steps", (d) => { d.config["images"] = 900; }),
  edited("an arm whose name leads out of the folder", "compare.json", "the name of a folder", (text) => text.replaceAll('"lars"', '"../../x"')),
  edited("an arm whose name is the folder above", "compare.json", "the name of a folder", (text) => text.replaceAll('"lars"', '".."')),
  edited("an arm whose name is absolute", "compare.json", "the name of a folder", (text) => text.replaceAll('"lars"', '"/etc"')),
  edited("an arm without a name", "compare.json", "the name of a folder", (text) => text.replaceAll('"lars"', '""')),
  changed("no arms", "compare.json", "an arm or more", (d) => Object.assign(d, { arms: [], config: { ...d.config, arms: [], rates: [] } })),
  edited("an arm twice", "compare.json", "twice", (text) => text.replaceAll('"lars"', '"sgd"')),
  changed("arms of another order", "compare.json", "arms", (d) => { (d["arms"] as unknown[]).reverse(); }),
  changed("a rate too few", "compare.json", "config.rates", (d) => { (d.config["rates"] as unknown[]).pop(); }),
  changed("a rate that is none", "compare.json", "config.rates[0]", (d) => { (d.config["rates"] as unknown[])[0] = "fast"; }),
  changed("a failure of a stranger", "compare.json", "no arm", (d) => { d["errors"] = { adam: "it failed" }; }),
  changed("a checksum that is none", "compare.json", "data.files[0].sha256", (d) => { (d["data"] as { files: Fields[] }).files[0]["sha256"] = "0"; }),

  damage("run.json of another arm", lars("run.json"), 'config.arm is "sgd"', (path, dir) => copyFileSync(join(dir, "arms", "sgd", "run.json"), path)),
  damage("the folders of two arms exchanged", "arms/sgd/run.json", 'config.arm is "lars"', (_, dir) => exchange(dir, "arms/sgd", "arms/lars")),
  damage("the folder of an arm is missing", lars("run.json"), "it is missing", (_, dir) => rmSync(join(dir, "arms", "lars"), { recursive: true })),
  damage("run.json is missing", lars("run.json"), "it is missing", (path) => rmSync(path)),
  changed("run.json of another seed", lars("run.json"), "config.seed is 2", (d) => { d.config["seed"] = 2; }),
  changed("run.json of more steps", lars("run.json"), "config.steps is 13", (d) => { d.config["steps"] = 13; }),
  changed("run.json of another rate", lars("run.json"), "config.lr", (d) => { d.config["lr"] = 7; }),
  changed("run.json of another model", lars("run.json"), "config.model", (d) => { d.config["model"] = "lenet5"; }),
  changed("run.json describes another arm", lars("run.json"), "arm differs", (d) => { (d["arm"] as Fields)["label"] = "LARS"; }),
  changed("a finished run without result", lars("run.json"), "result", (d) => { delete (d as Fields)["result"]; }),
  changed("a run that was interrupted after its end", lars("run.json"), "result", (d) => { d["status"] = "interrupted"; }),
  changed("a result of fewer steps", lars("run.json"), "result", (d) => { d.result["steps"] = 11; }),
  changed("a verdict that is none", lars("run.json"), "result.verdict", (d) => { d.result["verdict"] = "good"; }),
  changed("a training loss that is null", lars("run.json"), "result.trainLoss is null", (d) => { d.result["trainLoss"] = null; }),
  changed("a training loss of other losses", lars("run.json"), "result.trainLoss", (d) => { d.result["trainLoss"] = 0.1; }),
  changed("a result without test", lars("run.json"), "result.test", (d) => { (d as Fields)["result"] = { ...d.result, test: null }; }),
  changed("a finished run with a problem", lars("run.json"), "result.problem", (d) => { d.result["problem"] = "the test loss is NaN"; }),
  changed("a test result of another run", lars("run.json"), "result.test", (d) => { d.result.test["loss"] = 0.1; }),
  changed("an accuracy of more than all", lars("run.json"), "result.test.accuracy", (d) => { d.result.test["accuracy"] = 1.5; }),

  edited("a step twice", lars("metrics.jsonl"), "line 3", (text) => text.replace(line(text, 3), line(text, 2))),
  edited("a step left out", lars("metrics.jsonl"), "line 3", (text) => text.replace(line(text, 3), "")),
  edited("a loss of null", lars("metrics.jsonl"), "line 1: loss is null", (text) => text.replace(/"loss":[\d.]+/, '"loss":null')),
  edited("a loss in quotes", lars("metrics.jsonl"), "line 1: loss is", (text) => text.replace(/"loss":([\d.]+)/, '"loss":"$1"')),
  edited("a loss too large for a number", lars("metrics.jsonl"), "line 1: loss is", (text) => text.replace(/"loss":[\d.]+/, '"loss":1e999')),
  edited("no loss", lars("metrics.jsonl"), "line 1: ", (text) => text.replace(/"loss":[\d.]+,/, "")),
  edited("a step that is a fraction", lars("metrics.jsonl"), "line 1: step is 1.5", (text) => text.replace('"step":1', '"step":1.5')),
  edited("a test left out", lars("metrics.jsonl"), "2 tests", (text) => text.replace(/^.*"test".*\n/m, "")),
  edited("a test twice", lars("metrics.jsonl"), "line 7", (text) => text.replace(/^.*"test".*\n/m, "$&$&")),
  edited("a test at another step", lars("metrics.jsonl"), "line 7", (text) => text.replace(line(text, 6) + line(text, 7), line(text, 7) + line(text, 6))),
  edited("an epoch after the last", lars("metrics.jsonl"), "epoch is 9", (text) => text.replace('"epoch":0', '"epoch":9')),
  edited("a time below zero", lars("times.jsonl"), "line 1: ms", (text) => text.replace('"ms":', '"ms":-')),
  edited("a time of nothing known", lars("times.jsonl"), "line 1: what", (text) => text.replace('"what":"step"', '"what":"nap"')),

  edited("a quantity that one step lacks", lars("metrics.jsonl"), "step 2 has", (text) => text.replace(line(text, 2), line(text, 2).replace('"momentum":0.9,', ""))),
  damage("the layers of another arm", lars("layers.jsonl"), "not of the same run", (path, dir) => copyFileSync(join(dir, "arms", "sgd", "layers.jsonl"), path)),
  edited("another format in layers.jsonl", lars("layers.jsonl"), "line 1: format is 2", (text) => text.replace('"format":1', '"format":2')),
  edited("a short column", lars("layers.jsonl"), "3 entries for 4 steps", (text) => text.replace(/"trust":\[[^,]+,/, '"trust":[')),
  edited("a column of texts", lars("layers.jsonl"), "line 2", (text) => text.replace(/"rate":\[[^,]+,/, '"rate":["fast",')),
  sealed(edited("another network in one arm", lars("layers.jsonl"), "parameters differ", (text) => text.replaceAll("fc1.bias", "fc1.scale"))),
  sealed(edited("a layer under another name in one arm", lars("layers.jsonl"), "parameters differ", (text) => text.replace('"layer":"fc2"', '"layer":"fc3"'))),
  edited("a digit of a gradient's norm", lars("layers.jsonl"), "its SHA-256", (text) => text.replace(/("gradNorm":\[\d+\.)(\d)/, (_, before: string, digit: string) => `${before}${(Number(digit) + 1) % 10}`)),
  edited("another time", lars("times.jsonl"), "its SHA-256", (text) => text.replace(/"ms":\d/, '"ms":9')),
];
