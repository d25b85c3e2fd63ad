/** @file From what was typed to the words of one command: which command it is, and what it cannot do without. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Arguments } from './arguments.ts';
import { caseChange, chosenAlerts, closing } from './caseWords.ts';
import { options, takes, type OptionName } from './options.ts';
import { UsageError } from './usageError.ts';

/** What a command cannot do without, and values it could not use: told before a workspace is opened. */
const checks: Record<string, (args: Arguments) => void> = {
  'output list': () => undefined,
  'output send': () => undefined,
  'output set': (args) => {
    args.outputTarget();
    args.severity();
  },
  learn: (args) => {
    args.inputs();
    args.seed();
    args.budget();
    if (args.preset()?.kind === 'top_k' && args.flag('counts-only'))
      throw new UsageError('--preset top_k asks what a model expects; with --counts-only there is none.');
  },
  score: (args) => {
    args.preset();
    const input = args.input();
    if (resolve(input) === resolve(args.text('output'))) throw new UsageError('--output would overwrite the input.');
  },
  watch: (args) => {
    if (new Set(args.inputs()).size < args.inputs().length) throw new UsageError('--input names a file twice.');
  },
  alerts: () => undefined,
  label: (args) => {
    args.text('alert');
    args.verdict();
    args.note();
  },
  explain: (args) => {
    if (args.switching() === undefined) args.text('alert');
  },
  restore: () => undefined,
  'verify-audit': (args) => void args.head(),
  diagnostics: () => undefined,
  'case create': (args) => {
    args.title();
    chosenAlerts(args);
  },
  'case show': (args) => void args.text('case'),
  'case add': (args) => {
    args.text('case');
    chosenAlerts(args);
  },
  'case move': (args) => {
    args.text('case');
    args.text('into');
    if (args.alertIds() === 'open') throw new UsageError('case move takes the ids of alerts.');
  },
  'case set': (args) => {
    args.text('case');
    caseChange(args);
  },
  'case note': (args) => {
    args.text('case');
    args.text('note');
    args.note();
  },
  'case close': (args) => {
    args.text('case');
    closing(args);
  },
  'case detach': (args) => {
    args.text('case');
    args.text('attachment');
  },
  'bundle export': (args) => {
    args.text('case');
    args.text('output');
  },
  'bundle import': (args) => void args.input(),
  'bundle verify': (args) => void args.input(),
  report: (args) => {
    args.text('output');
    if (args.optional('period') === undefined) {
      args.text('case');
      args.reportFormat();
      return;
    }
    args.periodFormat();
    for (const name of ['case', 'template'] as const)
      if (args.optional(name) !== undefined) throw new UsageError(`--period does not take --${name}.`);
  },
  lab: (args) => {
    args.labOptions();
    args.text('output');
    args.text('labels');
  },
  serve: (args) => void [args.appPort(), args.apiPort()],
  browse: (args) => void args.appPort(),
  'token create': (args) => void args.tokenName(),
  'token revoke': (args) => void args.tokenName(),
  train: (args) => {
    args.inputs();
    args.training();
  },
  'classify train': (args) => {
    if (args.flag('verdicts') === (args.optional('data') !== undefined))
      throw new UsageError('classify train takes either --data FILE.npz or --verdicts.');
    if (args.flag('verdicts') && args.optional('templates') !== undefined)
      throw new UsageError('--templates belongs to --data: the workspace knows what its own events are.');
    if (!args.flag('verdicts') && args.optional('length') !== undefined)
      throw new UsageError('--length belongs to --verdicts: an archive says itself how long its windows are.');
    args.whole('length', { least: 2, most: 100, otherwise: 10 });
    args.seed();
  },
  'classify explain': (args) => void args.windowPart(),
  'classify evaluate': (args) => void args.whole('count', { least: 1, most: 100_000, otherwise: 20 }),
  'classify first-anomaly': (args) => void args.windowPart(),
  'classify export': (args) => {
    args.text('output');
    args.whole('count', { least: 1, most: 500, otherwise: 20 });
  },
  retrain: (args) => void args.seed(),
  'import-model': (args) => {
    args.text('from');
    args.text('name');
    args.seed();
  },
  'export-model': (args) => {
    args.text('model');
    args.text('output');
    args.modelFormat();
  },
  logprobs: (args) => {
    args.text('model');
    const input = args.input();
    if (resolve(input) === resolve(args.text('output'))) throw new UsageError('--output would overwrite the input.');
  },
  continue: (args) => {
    args.text('model');
    args.text('text');
    args.continueOptions();
  },
};

/** The second word of a command of two where none is said. */
const usualVerbs: Record<string, string> = { case: 'create' };

function commandOf([first, ...rest]: readonly string[]): [command: string | undefined, rest: readonly string[]] {
  const verbs = Object.keys(takes).flatMap((command) =>
    command.startsWith(`${first} `) ? [command.slice(`${first} `.length)] : [],
  );
  const usual = usualVerbs[first ?? ''];
  const [second] = rest;
  if (first === undefined || verbs.length === 0) return [first, rest];
  if (second !== undefined && verbs.includes(second)) return [`${first} ${second}`, rest.slice(1)];
  if (second === '--help' || second === '-h') return ['help', []];
  if (usual !== undefined && (second === undefined || second.startsWith('-'))) return [`${first} ${usual}`, rest];
  throw new UsageError(`${first} is followed by ${verbs.slice(0, -1).join(', ')} or ${verbs.at(-1)}.`);
}

/** Throws UsageError for an unknown command, an option that the command does not take or lacks, a bad value, or a stray word. */
export function readArguments(argv: readonly string[]): Arguments | 'help' {
  const [command = '', rest] = commandOf(argv);
  if (command === '') throw new UsageError('No command was given.');
  if (command === 'help' || command === '--help' || command === '-h') return 'help';
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
  const args = new Arguments(command, values);
  if (taken.includes('workspace')) args.text('workspace');
  checks[command]?.(args);
  return args;
}
