// Ask a Prometheus for what every panel and mark of the dashboards wants: node collect.mjs FOLDER URL MINUTES OUT
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
const [folder, url, minutes, out] = process.argv.slice(2);
const end = Math.floor(Date.now() / 5000) * 5;
const start = end - 60 * Number(minutes);
const step = Math.max(5, Math.round((end - start) / 240 / 5) * 5);
const variables = { '$__rate_interval': `${Math.max(20, step + 5)}s`, '$replica': '.+', '$peer': '.+' };
const filled = (expr) => Object.entries(variables).reduce((text, [name, value]) => text.replaceAll(name, value), expr);
async function ask(expr, instant, at = step) {
  const query = instant ? `query?time=${end}` : `query_range?start=${start}&end=${end}&step=${at}`;
  const answer = await (await fetch(`${url}/api/v1/${query}&query=${encodeURIComponent(filled(expr))}`)).json();
  if (answer.status !== 'success') throw new Error(`${expr}: ${answer.error}`);
  return answer.data.result.sort((a, b) => (JSON.stringify(a.metric) < JSON.stringify(b.metric) ? -1 : 1));
}
const boards = {};
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const board = JSON.parse(readFileSync(join(folder, file)));
  for (const panel of board.panels) {
    for (const target of panel.targets ?? []) target.series = await ask(target.expr, target.instant);
  }
  for (const mark of board.annotations.list) mark.series = await ask(mark.target.expr, false, 10);
  boards[file.replace('.json', '')] = board;
}
writeFileSync(out, JSON.stringify({ start, end, step, boards }));
