// Renders a chart's one template with Nunjucks, reads what it printed and prints it again with js-yaml: `render.mjs CHART`.
//
// It checks nothing. Its own time for each stage, in milliseconds, goes to standard error as JSON.

import { readFileSync } from "node:fs";
import { dump, load, loadAll } from "js-yaml";
import nunjucks from "nunjucks";

const stages = {};

/** Does a part of the work and notes how long it took. */
function stage(name, work) {
  const start = performance.now();
  const result = work();
  stages[name] = performance.now() - start;
  return result;
}

const [chart] = process.argv.slice(2);
const values = stage("values", () => load(readFileSync(`${chart}/values.yaml`, "utf8")));
const text = readFileSync(`${chart}/templates/many.yaml`, "utf8");
const engine = new nunjucks.Environment(null, {
  autoescape: false,
  throwOnUndefined: true,
  trimBlocks: true,
  lstripBlocks: true,
});
const printed = stage("templates", () => engine.renderString(text, { values }));
const documents = stage("read back", () => loadAll(printed));
process.stdout.write(stage("print", () => documents.map((document) => dump(document, { noRefs: true })).join("---\n")));
process.stderr.write(JSON.stringify(stages));
