/** @file `npm run -s bench -- NAME [PART...] [--data DIR] [--lines N] [--seeds N] [--json]`: measures one thing in this process and prints the figures. */
import { parseArgs } from 'node:util';
import { benchApi } from './api.ts';
import { benchAlign } from './align.ts';
import { benchAttachment } from './attachment.ts';
import { benchClassifier } from './classifierUse.ts';
import { benchClassify } from './classify.ts';
import { benchDelay } from './delay.ts';
import { benchDetect } from './detect/detect.ts';
import { benchOrder } from './detect/order.ts';
import { benchExplain } from './explain/explain.ts';
import { benchFeedback } from './feedback/feedback.ts';
import { benchGrouping } from './grouping.ts';
import { benchQuality } from './quality.ts';
import { benchReport } from './report.ts';
import { benchRetrain } from './retrain.ts';
import { benchSpeed } from './speed.ts';
import { benchText } from './text/text.ts';
import { benchTokenizer } from './tokenizer.ts';
import { benchTrain } from './train.ts';
import { benchUi } from './ui/ui.ts';
import { benchVerdict } from './verdict.ts';

/** Figures by name; units are in the names. */
export type Figures = Record<string, number>;

/** What is more than figures by name: as JSON, or as tables for people. */
export type Report = { json: object; markdown: string };

export type BenchOptions = { data: string | undefined; lines: number | undefined; seeds: number };

const benches: Record<string, (options: BenchOptions, parts: string[]) => Promise<Figures | Report>> = {
  speed: benchSpeed,
  delay: () => benchDelay(),
  api: (_, parts) => benchApi(parts),
  quality: ({ data }) => benchQuality(data),
  grouping: ({ data }) => benchGrouping(data),
  tokenizer: ({ data }) => benchTokenizer(data),
  train: (_, models) => benchTrain(models),
  align: benchAlign,
  report: (_, parts) => benchReport(parts),
  attachment: (_, sizes) => benchAttachment(sizes),
  retrain: ({ lines = 100_000 }) => benchRetrain(lines),
  classify: ({ data, seeds }) => benchClassify(data, seeds),
  classifier: benchClassifier,
  detect: ({ data, seeds }, parts) => benchDetect(data, seeds, parts),
  explain: ({ data }, parts) => benchExplain(data, parts),
  feedback: (options, parts) => benchFeedback(options, parts),
  text: ({ data, seeds }, parts) => benchText(data, seeds, parts),
  order: ({ data, seeds }) => benchOrder(data, seeds),
  ui: (_, parts) => benchUi(parts),
  verdict: (_, sizes) => benchVerdict(sizes),
};

const { values, positionals } = parseArgs({
  options: {
    data: { type: 'string' },
    lines: { type: 'string' },
    seeds: { type: 'string' },
    json: { type: 'boolean' },
  },
  allowPositionals: true,
});
const bench = Object.hasOwn(benches, positionals[0] ?? '') ? benches[positionals[0] ?? ''] : undefined;
if (!bench) {
  process.stderr.write(
    `Usage: npm run -s bench -- ${Object.keys(benches).join('|')} [PART...] [--data DIR] [--lines N] [--seeds N] [--json]\n`,
  );
  process.exit(2);
}
const lines = values.lines === undefined ? undefined : Number(values.lines);
if (lines !== undefined && !(Number.isInteger(lines) && lines >= 1000)) {
  process.stderr.write('--lines wants a whole number from 1,000.\n');
  process.exit(2);
}
const seeds = Number(values.seeds ?? 3);
if (!(Number.isInteger(seeds) && seeds >= 1)) {
  process.stderr.write('--seeds wants a whole number from 1.\n');
  process.exit(2);
}
const found = await bench({ data: values.data, lines, seeds }, positionals.slice(1));
const isReport = (value: Figures | Report): value is Report => typeof value['markdown'] === 'string';
if (values.json) process.stdout.write(`${JSON.stringify(isReport(found) ? found.json : found)}\n`);
else if (isReport(found)) process.stdout.write(found.markdown);
else
  for (const [name, value] of Object.entries(found))
    process.stdout.write(`${name.padEnd(32)} ${Math.round(value * 1000) / 1000}\n`);
process.exit(0);
