/** @file `npm run -s bench -- NAME [PART...] [--data DIR] [--json]`: measures one thing in this process and prints the figures. */
import { parseArgs } from 'node:util';
import { benchDelay } from './delay.ts';
import { benchQuality } from './quality.ts';
import { benchSpeed } from './speed.ts';
import { benchTokenizer } from './tokenizer.ts';
import { benchTrain } from './train.ts';

/** Figures by name; units are in the names. */
export type Figures = Record<string, number>;

const benches: Record<string, (dataDirectory: string | undefined, parts: string[]) => Promise<Figures>> = {
  speed: benchSpeed,
  delay: () => benchDelay(),
  quality: benchQuality,
  tokenizer: benchTokenizer,
  train: (_, models) => benchTrain(models),
};

const { values, positionals } = parseArgs({
  options: { data: { type: 'string' }, json: { type: 'boolean' } },
  allowPositionals: true,
});
const bench = Object.hasOwn(benches, positionals[0] ?? '') ? benches[positionals[0] ?? ''] : undefined;
if (!bench) {
  process.stderr.write(
    `Usage: npm run -s bench -- ${Object.keys(benches).join('|')} [PART...] [--data DIR] [--json]\n`,
  );
  process.exit(2);
}
const figures = await bench(values.data, positionals.slice(1));
if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
else
  for (const [name, value] of Object.entries(figures))
    process.stdout.write(`${name.padEnd(32)} ${Math.round(value * 1000) / 1000}\n`);
process.exit(0);
