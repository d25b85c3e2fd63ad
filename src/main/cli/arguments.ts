/** @file The command line's words: what each command takes, and the usage text made from the same table. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from './usageError.ts';
import { caseChange, chosenAlerts, closing } from './caseWords.ts';
import { defaultApiPort, longestTokenName } from '../../shared/api.ts';
import { windowParts, type WindowPart } from '../../shared/classify.ts';
import {
  keyModelSizes,
  severityNames,
  verdictValues,
  type Budget,
  type KeyModelSize,
  type SeverityLevel,
  type VerdictValue,
} from '../../shared/domain.ts';
import { outputKinds, syslogTransports, type OutputKind } from '../../shared/outputs.ts';
import { presetKinds, type Preset } from '../../shared/presets.ts';
import { periodFormats, periodKinds, type PeriodFormat } from '../../shared/period.ts';
import { reportFormats, type ReportFormat } from '../../shared/report.ts';
import { textReads, type TextReads } from '../../shared/textModels.ts';
import { trainProviders, type TrainProvider } from '../../shared/trainerProtocol.ts';

export const usage = `Usage: npm run -s surprisal -- COMMAND ...

  learn  --workspace DIR --input FILE [FILE...] [--budget 20/day|20/100k] [--preset PRESET] [--top-k K] [--counts-only]
         [--text-model NAME|none] [--seed N] [--sequences]
  score  --workspace DIR --input FILE --output OUT.jsonl [--preset PRESET] [--top-k K] [--sequences]
  watch  --workspace DIR --input PATH [PATH...]|- [--pattern GLOB]
  alerts --workspace DIR [--query FILTER]
  label  --workspace DIR --alert ID --verdict true_positive|benign_true_positive|false_positive_logic|
         false_positive_data|undetermined [--note TEXT]
  explain --workspace DIR --alert ID [--again] | --switch on|off [--model NAME] [--address URL]
  case [create] --workspace DIR --title T --alerts ID,...|open | --query FILTER
  case list     --workspace DIR
  case show     --workspace DIR --case CASE
  case add      --workspace DIR --case CASE --alerts ID,...|open | --query FILTER
  case move     --workspace DIR --case CASE --into CASE --alerts ID,...
  case set      --workspace DIR --case CASE [--title T] [--state open|in_progress|closed] [--severity info|…|critical]
                [--owner NAME] [--tags A,B] [--due 2026-11-29T18:00Z]
  case note     --workspace DIR --case CASE --note TEXT
  case close    --workspace DIR --case CASE --as true_positive|…
  case detach   --workspace DIR --case CASE --attachment ID
  bundle export --workspace DIR --case CASE --output FILE
  bundle import --workspace DIR --input FILE
  bundle verify --input FILE
  report --workspace DIR --case ID --format ${reportFormats.join('|')} --output FILE
         [--zone ZONE] [--template NAME] [--redact-personal]
  report --workspace DIR --period ${periodKinds.join('|')}|FROM/TO --format ${periodFormats.join('|')}
         --output FILE [--zone ZONE] [--redact-personal]
  lab    --lines N --seed N --output FILE --labels FILE.jsonl [--anomaly-rate 0.01] [--changes]
  diagnostics --workspace DIR
  serve  --workspace DIR [--port 8000] [--app-port N]
  browse --workspace DIR [--port N]
  token create --workspace DIR --name NAME
  token list   --workspace DIR
  token revoke --workspace DIR --name NAME
  output list --workspace DIR
  output set  --workspace DIR --kind webhook|splunk|syslog [--url URL] [--index NAME] [--to HOST:PORT] [--transport tcp|tls|udp]
              [--secret-file FILE] [--severity info|low|medium|high|critical] [--without-lines] [--off] [--test]
  output send --workspace DIR
  restore --workspace DIR [--yes]
  verify-audit --workspace DIR [--head N:HASH]

  train        --workspace DIR --input FILE [FILE...] --kind key_s|key_m|key_m_wide|text|fine-tune
               [--name NAME] [--reads lines|windows] [--from MODEL] [--method lora|full] [--epochs N] [--seed N] [--provider cpu|webgpu]
  classify train         --workspace DIR --data FILE.npz [--templates FILE] [--seed N]
  classify train         --workspace DIR --verdicts [--length 10] [--seed N]
  classify explain       --workspace DIR [--index 0] [--part test|train] [--model CLASSIFIER]
  classify evaluate      --workspace DIR [--count 20] [--part test|train] [--model CLASSIFIER]
  classify first-anomaly --workspace DIR [--part test|train] [--model CLASSIFIER]
  classify labels        --workspace DIR [--model CLASSIFIER]
  classify export        --workspace DIR --output model_explanations.xlsx [--count 20] [--model CLASSIFIER]
  models       --workspace DIR
  retrain      --workspace DIR [--seed N]
  adopt        --workspace DIR [--model MODEL] [--override SENTENCE]
  discard      --workspace DIR [--model MODEL]
  rollback     --workspace DIR [--model MODEL]
  import-model --workspace DIR --from FOLDER --name NAME [--seed N]
  export-model --workspace DIR --model NAME --output FOLDER [--format safetensors|onnx]
  logprobs     --workspace DIR --model NAME --input FILE --output OUT.jsonl
  continue     --workspace DIR --model NAME --text TEXT [--tokens 50] [--temperature 0.7] [--seed N]

PRESET is budget (all detectors, within the alert budget), top_k (what is not among the K kinds most expected, half of them
unless said), or tutorial (windows of ten lines; needs a text model that was trained with --reads windows). It is kept in the workspace.
serve answers the local API on --port, and serves the app to a browser like browse: the link is on stdout. What asks the API gives a token.
With --counts-only nothing is trained. --text-model names the text model that reads from now on what it was trained on, lines or
windows; none: no text model reads lines.

CASE is an id, or the number that the workspace shows: C-3. --severity, --owner, --tags and --due take back what was said when they
are empty.

JSON on stdout, progress on stderr. Exit status: 0 done, 2 usage, 3 bad input.`;

const options = {
  workspace: { type: 'string' },
  input: { type: 'string', multiple: true },
  output: { type: 'string' },
  labels: { type: 'string' },
  budget: { type: 'string' },
  seed: { type: 'string' },
  sequences: { type: 'boolean' },
  'counts-only': { type: 'boolean' },
  'text-model': { type: 'string' },
  preset: { type: 'string' },
  'top-k': { type: 'string' },
  query: { type: 'string' },
  alert: { type: 'string' },
  verdict: { type: 'string' },
  note: { type: 'string' },
  title: { type: 'string' },
  alerts: { type: 'string' },
  case: { type: 'string' },
  format: { type: 'string' },
  into: { type: 'string' },
  state: { type: 'string' },
  severity: { type: 'string' },
  owner: { type: 'string' },
  tags: { type: 'string' },
  due: { type: 'string' },
  as: { type: 'string' },
  attachment: { type: 'string' },
  lines: { type: 'string' },
  'anomaly-rate': { type: 'string' },
  changes: { type: 'boolean' },
  port: { type: 'string' },
  'app-port': { type: 'string' },
  from: { type: 'string' },
  name: { type: 'string' },
  model: { type: 'string' },
  text: { type: 'string' },
  tokens: { type: 'string' },
  temperature: { type: 'string' },
  kind: { type: 'string' },
  method: { type: 'string' },
  epochs: { type: 'string' },
  provider: { type: 'string' },
  reads: { type: 'string' },
  head: { type: 'string' },
  pattern: { type: 'string' },
  override: { type: 'string' },
  zone: { type: 'string' },
  period: { type: 'string' },
  template: { type: 'string' },
  'redact-personal': { type: 'boolean' },
  again: { type: 'boolean' },
  switch: { type: 'string' },
  address: { type: 'string' },
  url: { type: 'string' },
  index: { type: 'string' },
  to: { type: 'string' },
  transport: { type: 'string' },
  'secret-file': { type: 'string' },
  'without-lines': { type: 'boolean' },
  off: { type: 'boolean' },
  test: { type: 'boolean' },
  data: { type: 'string' },
  templates: { type: 'string' },
  verdicts: { type: 'boolean' },
  length: { type: 'string' },
  count: { type: 'string' },
  part: { type: 'string' },
  yes: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** As long as the app lets a case's title be. */
const maxTitle = 200;
/** As long as the app lets a note be. */
const maxNote = 20_000;
/** As "continue this line" writes at most. */
const mostTokens = 50;
/** The budgets that the app takes. */
const leastAlerts = 0.001;
const mostAlerts = 1_000_000;

export type OptionName = keyof typeof options;

const takes: Record<string, readonly OptionName[]> = {
  learn: ['workspace', 'input', 'budget', 'preset', 'top-k', 'counts-only', 'text-model', 'seed', 'sequences'],
  score: ['workspace', 'input', 'output', 'preset', 'top-k', 'sequences'],
  watch: ['workspace', 'input', 'pattern'],
  alerts: ['workspace', 'query'],
  label: ['workspace', 'alert', 'verdict', 'note'],
  explain: ['workspace', 'alert', 'again', 'switch', 'model', 'address'],
  'case create': ['workspace', 'title', 'alerts', 'query'],
  'case list': ['workspace'],
  'case show': ['workspace', 'case'],
  'case add': ['workspace', 'case', 'alerts', 'query'],
  'case move': ['workspace', 'case', 'into', 'alerts'],
  'case set': ['workspace', 'case', 'title', 'state', 'severity', 'owner', 'tags', 'due'],
  'case note': ['workspace', 'case', 'note'],
  'case close': ['workspace', 'case', 'as'],
  'case detach': ['workspace', 'case', 'attachment'],
  'bundle export': ['workspace', 'case', 'output'],
  'bundle import': ['workspace', 'input'],
  'bundle verify': ['input'],
  report: ['workspace', 'case', 'period', 'format', 'output', 'zone', 'template', 'redact-personal'],
  lab: ['lines', 'seed', 'output', 'labels', 'anomaly-rate', 'changes'],
  diagnostics: ['workspace'],
  serve: ['workspace', 'port', 'app-port'],
  browse: ['workspace', 'port'],
  'token create': ['workspace', 'name'],
  'token list': ['workspace'],
  'token revoke': ['workspace', 'name'],
  'output list': ['workspace'],
  'output set': [
    ...(['workspace', 'kind', 'url', 'index', 'to', 'transport', 'secret-file', 'severity', 'without-lines'] as const),
    ...(['off', 'test'] as const),
  ],
  'output send': ['workspace'],
  train: ['workspace', 'input', 'kind', 'name', 'reads', 'from', 'method', 'epochs', 'seed', 'provider'],
  'classify train': ['workspace', 'data', 'templates', 'verdicts', 'length', 'seed'],
  'classify explain': ['workspace', 'index', 'part', 'model'],
  'classify evaluate': ['workspace', 'count', 'part', 'model'],
  'classify first-anomaly': ['workspace', 'part', 'model'],
  'classify labels': ['workspace', 'model'],
  'classify export': ['workspace', 'output', 'count', 'model'],
  models: ['workspace'],
  retrain: ['workspace', 'seed'],
  adopt: ['workspace', 'model', 'override'],
  discard: ['workspace', 'model'],
  rollback: ['workspace', 'model'],
  'import-model': ['workspace', 'from', 'name', 'seed'],
  'export-model': ['workspace', 'model', 'output', 'format'],
  logprobs: ['workspace', 'model', 'input', 'output'],
  continue: ['workspace', 'model', 'text', 'tokens', 'temperature', 'seed'],
  restore: ['workspace', 'yes'],
  'verify-audit': ['workspace', 'head'],
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

  /** The one file of a command that takes one. */
  input(): string {
    const [path, ...more] = this.inputs();
    if (path === undefined || more.length > 0) throw new UsageError(`${this.command} takes one --input.`);
    return path;
  }

  seed(): number | undefined {
    return this.#optionalNumber('seed', { least: 0, most: 2 ** 31, isWhole: true });
  }

  /** Of the app in a browser; 0: any that is free. */
  appPort(): number {
    const name = this.command === 'serve' ? 'app-port' : 'port';
    return this.#optionalNumber(name, { least: 0, most: 65_535, isWhole: true }) ?? 0;
  }

  /** Of the API that `serve` answers; null: its switch decides. */
  apiPort(): number | null {
    if (this.command !== 'serve') return null;
    return this.#optionalNumber('port', { least: 0, most: 65_535, isWhole: true }) ?? defaultApiPort;
  }

  tokenName(): string {
    const name = this.text('name')
      .replace(/\p{Cc}+/gu, ' ')
      .trim();
    if (name === '' || name.length > longestTokenName)
      throw new UsageError(`--name takes 1 to ${longestTokenName} characters that are not only spaces.`);
    return name;
  }

  /** A whole number, or what stands for it where it is not given. */
  whole(name: OptionName, { otherwise, ...bounds }: { least: number; most: number; otherwise: number }): number {
    return this.#optionalNumber(name, { ...bounds, isWhole: true }) ?? otherwise;
  }

  windowPart(): WindowPart {
    return this.#optionalChoice('part', windowParts) ?? 'test';
  }

  /** A head of the audit chain, as a report names it. */
  head(): string | undefined {
    const text = this.optional('head');
    if (text !== undefined && !/^\d{1,15}:[0-9a-f]{32}$/.test(text))
      throw new UsageError('--head takes what a report says after “Head:”, a number and 32 digits: 214:3f2a…');
    return text;
  }

  budget(): Budget | undefined {
    const text = this.optional('budget');
    if (text === undefined) return undefined;
    const match = /^(\d+(?:\.\d+)?)\/(day|100k)$/.exec(text);
    const alerts = Number(match?.[1]);
    if (!match || !(alerts >= leastAlerts && alerts <= mostAlerts))
      throw new UsageError('--budget takes a number of alerts a day or per 100,000 lines: 20/day or 20/100k.');
    return { alerts, per: match[2] === 'day' ? 'day' : '100k' };
  }

  preset(): Preset | undefined {
    const kind = this.#optionalChoice('preset', presetKinds);
    const k = this.#optionalNumber('top-k', { least: 1, most: 1_000_000, isWhole: true });
    if (k !== undefined && kind !== 'top_k') throw new UsageError('--top-k belongs to --preset top_k.');
    return kind === 'top_k' ? { kind, k: k ?? null } : kind && { kind };
  }

  title(): string {
    const title = this.text('title')
      .replace(/\p{Cc}+/gu, ' ')
      .trim();
    if (title === '' || title.length > maxTitle)
      throw new UsageError(`--title takes 1 to ${maxTitle} characters that are not only spaces.`);
    return title;
  }

  alertIds(): string[] | 'open' {
    const given = this.text('alerts');
    if (given === 'open') return given;
    const ids = given.split(',').map((id) => id.trim());
    if (ids.includes('')) throw new UsageError('--alerts takes ids with commas between them, or the word open.');
    return ids;
  }

  verdict(): VerdictValue {
    return this.choice('verdict', verdictValues);
  }

  /** Whether explanations are to be switched, and which way; undefined: an alert is to be explained. */
  switching(): 'on' | 'off' | undefined {
    const wanted = this.#optionalChoice('switch', ['on', 'off'] as const);
    const needless = (wanted === undefined ? ['model', 'address'] : ['alert']) as OptionName[];
    for (const name of needless) {
      if (this.optional(name) === undefined) continue;
      throw new UsageError(
        wanted === undefined ? `--${name} belongs to --switch on.` : `--switch does not take --${name}.`,
      );
    }
    if (wanted !== undefined && this.flag('again')) throw new UsageError('--switch does not take --again.');
    return wanted;
  }

  note(): string {
    const note = this.optional('note') ?? '';
    if (note.length > maxNote) throw new UsageError(`--note takes at most ${maxNote} characters.`);
    return note;
  }

  outputKind(): OutputKind {
    return this.choice('kind', outputKinds);
  }

  /** Where an output goes, as far as it is said; undefined: where it went before. Its values are checked by the schema that the app has. */
  outputTarget(): unknown {
    const kind = this.outputKind();
    const given = (['url', 'index', 'to', 'transport'] as const).filter((name) => this.optional(name) !== undefined);
    const fitting = { webhook: ['url'], splunk: ['url', 'index'], syslog: ['to', 'transport'] }[kind];
    const needless = given.find((name) => !fitting.includes(name));
    if (needless) throw new UsageError(`--kind ${kind} does not take --${needless}.`);
    if (given.length === 0) return undefined;
    if (kind === 'webhook') return { kind, url: this.text('url') };
    if (kind === 'splunk') return { kind, url: this.text('url'), index: this.optional('index') ?? null };
    const match = /^(.+):(\d{1,5})$/.exec(this.text('to'));
    if (!match) throw new UsageError('--to takes a host and a port: siem.example:6514.');
    const transport = this.#optionalChoice('transport', syslogTransports) ?? 'tls';
    return { kind, host: match[1]?.replace(/^\[|\]$/g, ''), port: Number(match[2]), transport };
  }

  severity(): SeverityLevel | undefined {
    const name = this.#optionalChoice('severity', severityNames);
    return name && ((severityNames.indexOf(name) + 1) as SeverityLevel);
  }

  reportFormat(): ReportFormat {
    return this.choice('format', reportFormats);
  }

  periodFormat(): PeriodFormat {
    return this.choice('format', periodFormats);
  }

  modelFormat(): 'safetensors' | 'onnx' {
    return this.#optionalChoice('format', ['safetensors', 'onnx']) ?? 'safetensors';
  }

  /** What is to be trained; `parent` is a name or a number, as `models` lists them. */
  training(): {
    plan:
      | { kind: 'keys'; size: KeyModelSize }
      | { kind: 'text'; name: string; reads: TextReads }
      | { kind: 'fine_tune'; name: string; reads: TextReads; parent: string; method: 'lora' | 'full' };
    maxEpochs: number | undefined;
    seed: number | undefined;
    provider: TrainProvider | undefined;
  } {
    const maxEpochs = this.#optionalNumber('epochs', { least: 1, most: 200, isWhole: true });
    const provider = this.#optionalChoice('provider', trainProviders);
    return { plan: this.#plan(), maxEpochs, seed: this.seed(), provider };
  }

  #plan(): ReturnType<Arguments['training']>['plan'] {
    const kind = this.choice('kind', [...keyModelSizes, 'text', 'fine-tune'] as const);
    const needless =
      kind === 'fine-tune' ? [] : kind === 'text' ? ['from', 'method'] : ['name', 'reads', 'from', 'method'];
    for (const name of needless) {
      if (this.optional(name as OptionName) !== undefined)
        throw new UsageError(`--kind ${kind} does not take --${name}.`);
    }
    const reads = this.#optionalChoice('reads', textReads) ?? 'lines';
    if (kind === 'text') return { kind, name: this.text('name'), reads };
    if (kind !== 'fine-tune') return { kind: 'keys', size: kind };
    const method = this.#optionalChoice('method', ['lora', 'full'] as const) ?? 'lora';
    return { kind: 'fine_tune', name: this.text('name'), reads, parent: this.text('from'), method };
  }

  choice<T extends string>(name: OptionName, values: readonly T[]): T {
    const given = this.text(name);
    const found = values.find((value) => value === given);
    if (found === undefined)
      throw new UsageError(`--${name} is ${values.slice(0, -1).join(', ')} or ${values.at(-1)}.`);
    return found;
  }

  #optionalChoice<T extends string>(name: OptionName, values: readonly T[]): T | undefined {
    return this.optional(name) === undefined ? undefined : this.choice(name, values);
  }

  continueOptions(): { mostTokens: number; temperature: number; seed: number } {
    return {
      mostTokens: this.#optionalNumber('tokens', { least: 1, most: mostTokens, isWhole: true }) ?? mostTokens,
      temperature: this.#optionalNumber('temperature', { least: 0, most: 10, isWhole: false }) ?? 0.7,
      seed: this.seed() ?? 1,
    };
  }

  labOptions(): { lines: number; seed: number; anomalyRate: number; hasChanges: boolean } {
    return {
      lines: this.number('lines', { least: 1, most: 100_000_000, isWhole: true }),
      seed: this.number('seed', { least: 0, most: 2 ** 31, isWhole: true }),
      anomalyRate: this.#optionalNumber('anomaly-rate', { least: 0, most: 0.5, isWhole: false }) ?? 0.01,
      hasChanges: this.flag('changes'),
    };
  }

  #optionalNumber(name: OptionName, bounds: { least: number; most: number; isWhole: boolean }): number | undefined {
    return this.optional(name) === undefined ? undefined : this.number(name, bounds);
  }
}

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
