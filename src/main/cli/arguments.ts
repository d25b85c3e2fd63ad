/** @file The command line's words: what each command takes, and the usage text made from the same table. */
import { parseArgs } from 'node:util';
import type { Budget } from '../../shared/domain.ts';

/** Told to the user with exit status 2. */
export class UsageError extends Error {}

export const usage = `Usage: npm run -s surprisal -- COMMAND ...

  learn  --workspace DIR --input FILE [FILE...] [--budget 20/day|20/100k] [--seed N] [--sequences]
  score  --workspace DIR --input FILE --output OUT.jsonl [--sequences]
  alerts --workspace DIR
  case   --workspace DIR --title T --alerts ID,...|open
  report --workspace DIR --case ID --format html|csv --output FILE
  lab    --lines N --seed N --output FILE --labels FILE.jsonl [--anomaly-rate 0.01]
  serve  --workspace DIR [--port N]

JSON on stdout, progress on stderr. Exit status: 0 done, 2 usage, 3 bad input.`;

const options = {
  workspace: { type: 'string' },
  input: { type: 'string', multiple: true },
  output: { type: 'string' },
  labels: { type: 'string' },
  budget: { type: 'string' },
  seed: { type: 'string' },
  sequences: { type: 'boolean' },
  title: { type: 'string' },
  alerts: { type: 'string' },
  case: { type: 'string' },
  format: { type: 'string' },
  lines: { type: 'string' },
  'anomaly-rate': { type: 'string' },
  port: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

export type OptionName = keyof typeof options;

const takes: Record<string, readonly OptionName[]> = {
  learn: ['workspace', 'input', 'budget', 'seed', 'sequences'],
  score: ['workspace', 'input', 'output', 'sequences'],
  alerts: ['workspace'],
  case: ['workspace', 'title', 'alerts'],
  report: ['workspace', 'case', 'format', 'output'],
  lab: ['lines', 'seed', 'output', 'labels', 'anomaly-rate'],
  serve: ['workspace', 'port'],
};

export class Arguments {
  readonly command: string;
  readonly #values: Partial<Record<OptionName, string | boolean | string[]>>;

  constructor(command: string, values: Partial<Record<OptionName, string | boolean | string[]>>) {
    this.command = command;
    this.#values = values;
  }

  text(name: OptionName): string {
    const value = this.#values[name];
    if (typeof value !== 'string' || value === '') throw new UsageError(`${this.command} needs --${name}.`);
    return value;
  }

  optional(name: OptionName): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  flag(name: OptionName): boolean {
    return this.#values[name] === true;
  }

  inputs(): string[] {
    const value = this.#values.input;
    if (!Array.isArray(value) || value.length === 0) throw new UsageError(`${this.command} needs --input.`);
    return value;
  }

  number(name: OptionName, bounds: { least: number; most: number; isWhole: boolean }): number {
    const value = Number(this.text(name));
    if (
      !Number.isFinite(value) ||
      value < bounds.least ||
      value > bounds.most ||
      (bounds.isWhole && !Number.isInteger(value))
    ) {
      throw new UsageError(
        `--${name} takes ${bounds.isWhole ? 'a whole number' : 'a number'} from ${bounds.least} to ${bounds.most}.`,
      );
    }
    return value;
  }

  budget(): Budget | undefined {
    const text = this.optional('budget');
    if (text === undefined) return undefined;
    const match = /^(\d+(?:\.\d+)?)\/(day|100k)$/.exec(text);
    const alerts = Number(match?.[1]);
    if (!match || !(alerts > 0))
      throw new UsageError('--budget takes a number of alerts a day or per 100,000 lines: 20/day or 20/100k.');
    return { alerts, per: match[2] === 'day' ? 'day' : '100k' };
  }
}

/** Throws UsageError for an unknown command, an option that the command does not take, or a stray word. */
export function readArguments(argv: readonly string[]): Arguments | 'help' {
  const [command = '', ...rest] = argv;
  if (command === '' || command === 'help' || command === '--help' || command === '-h') return 'help';
  const taken = Object.hasOwn(takes, command) ? takes[command] : undefined;
  if (!taken) throw new UsageError(`There is no command "${command}".`);
  let parsed;
  try {
    parsed = parseArgs({ args: [...rest], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (parsed.values.help) return 'help';
  const values: Partial<Record<OptionName, string | boolean | string[]>> = { ...parsed.values };
  for (const name of Object.keys(values) as OptionName[]) {
    if (!taken.includes(name)) throw new UsageError(`${command} does not take --${name}.`);
  }
  if (parsed.positionals.length > 0) {
    // `--input a.log b.log`: what follows the first file are more files.
    if (!Array.isArray(values.input)) throw new UsageError(`"${parsed.positionals[0]}" belongs to no option.`);
    values.input = [...values.input, ...parsed.positionals];
  }
  return new Arguments(command, values);
}
