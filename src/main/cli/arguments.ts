/** @file The words of one command, read as what they mean: numbers within bounds, choices, dates. Throws UsageError. */
import { UsageError } from './usageError.ts';
import { defaultApiPort, longestTokenName } from '../../shared/api.ts';
import { windowParts, type WindowPart } from '../../shared/classify.ts';
import { keyModelSizes, type KeyModelSize } from '../../shared/models.ts';
import { severityNames, type SeverityLevel } from '../../shared/alerts.ts';
import { verdictValues, type VerdictValue } from '../../shared/verdicts.ts';
import type { Budget } from '../../shared/thresholds.ts';
import { outputKinds, syslogTransports, type OutputKind } from '../../shared/outputs.ts';
import { presetKinds, type Preset } from '../../shared/presets.ts';
import { periodFormats, type PeriodFormat } from '../../shared/period.ts';
import { reportFormats, type ReportFormat } from '../../shared/report.ts';
import { textReads, type TextReads } from '../../shared/textModels.ts';
import { trainProviders, type TrainProvider } from '../../shared/trainerProtocol.ts';
import type { OptionName } from './options.ts';

/** As long as the app lets a case's title be. */
const maxTitle = 200;
/** As long as the app lets a note be. */
const maxNote = 20_000;
/** As "continue this line" writes at most. */
const mostTokens = 50;
/** The budgets that the app takes. */
const leastAlerts = 0.001;
const mostAlerts = 1_000_000;

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
