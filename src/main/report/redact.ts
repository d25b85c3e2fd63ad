/** @file Takes chosen values and personal data out of a report before anything is written, and lists what was taken out, never what it was. */
import type { HeatSpan } from '../../shared/alerts.ts';
import type { Observable, ObservableKind } from '../../shared/observables.ts';
import { observableKindNames } from '../../shared/observables.ts';
import type { RedactionChoice } from '../../shared/report.ts';
import type { CaseReport, ReportRedaction } from './caseReport.ts';

/** Observables that name a person. */
const personalKinds: ReadonlySet<ObservableKind> = new Set(['user', 'email']);
/** Accounts of systems, which are nobody's name. */
const systemUsers =
  /^(?:root|daemon|nobody|www-data|administrator|system|local service|network service|sshd|cron|syslog|postgres|mysql|nginx|apache)$/i;

type Target = ReportRedaction & { text: string };

/** What is taken out of `text`, as edits in order. */
type Edit = { start: number; end: number; label: string };

/** Whether the characters are of one word, so that `anna` is left alone in `annapolis`. */
const isWordCharacter = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}_]/u.test(character);

/** How analysts write what nobody is to click, and Markdown a sign that is to stay one. */
const writtenAs: Record<string, string> = {
  '.': String.raw`(?:\.|\[\.\]|\(\.\)|\[dot\])`,
  ':': String.raw`(?::|\[:\])`,
  '@': String.raw`(?:@|\[@\]|\(@\)|\[at\])`,
  '\\': String.raw`\\+`,
};

/** Of a value: text, never a pattern; as it is, defanged, or with the backslashes of Markdown. */
function patternOf(text: string): string {
  const scheme = /^(?:http|ftp)(?=s?:)/i.exec(text)?.[0] ?? '';
  const start = scheme === '' ? '' : scheme.length === 4 ? 'h(?:tt|xx)p' : 'f(?:t|x)p';
  const rest = [...text.slice(scheme.length)].map((character) => {
    if (isWordCharacter(character) || /\s/.test(character)) return character;
    const written = writtenAs[character] ?? character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
    return character === '\\' ? written : `\\\\?${written}`;
  });
  return start + rest.join('');
}

/** The same for every way of writing a value. */
function canonical(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('\\', '')
    .replace(/\[dot\]|[[(]\.[\])]/g, '.')
    .replaceAll('[:]', ':')
    .replace(/\[at\]|[[(]@[\])]/g, '@')
    .replace(/^hxxp(?=s?:)/, 'http')
    .replace(/^fxp(?=s?:)/, 'ftp');
}

class Redactor {
  readonly #targets: Target[];
  readonly #pattern: RegExp | null;
  readonly #byText = new Map<string, Target>();

  constructor(targets: Target[]) {
    this.#targets = targets;
    // The longest first: an address within a URL that goes as a whole is not looked at again.
    const texts = [...targets].sort((a, b) => b.text.length - a.text.length).map(({ text }) => text);
    for (const target of targets) this.#byText.set(canonical(target.text), target);
    this.#pattern = texts.length === 0 ? null : new RegExp(texts.map(patternOf).join('|'), 'giu');
  }

  edits(text: string): Edit[] {
    const edits: Edit[] = [];
    if (!this.#pattern) return edits;
    for (const match of text.matchAll(this.#pattern)) {
      const [found] = match;
      const start = match.index;
      const end = start + found.length;
      const opensWord = isWordCharacter(found[0]) && isWordCharacter(text[start - 1]);
      const closesWord = isWordCharacter(found.at(-1)) && isWordCharacter(text[end]);
      const target = this.#byText.get(canonical(found));
      if (opensWord || closesWord || !target) continue;
      target.count++;
      edits.push({ start, end, label: target.label });
    }
    return edits;
  }

  text(text: string): string {
    return applied(text, this.edits(text));
  }

  list(): ReportRedaction[] {
    return this.#targets.filter(({ count }) => count > 0).map(({ label, kind, count }) => ({ label, kind, count }));
  }
}

function applied(text: string, edits: readonly Edit[]): string {
  let from = 0;
  let result = '';
  for (const { start, end, label } of edits) {
    result += text.slice(from, start) + label;
    from = end;
  }
  return result + text.slice(from);
}

/** Spans of the text before, as spans of the text after; what lies in a value that goes covers all of its label. */
function movedHeat(heat: readonly HeatSpan[], edits: readonly Edit[]): HeatSpan[] {
  const moved = (offset: number, isEnd: boolean): number => {
    let shift = 0;
    for (const { start, end, label } of edits) {
      if (offset >= end) shift += label.length - (end - start);
      else if (offset > start) return start + shift + (isEnd ? label.length : 0);
    }
    return offset + shift;
  };
  return heat.map(({ start, end, bits }) => ({ start: moved(start, false), end: moved(end, true), bits }));
}

/** Fields that are ours: names of kinds and choices, ids, hashes. */
const ours: ReadonlySet<string> = new Set([
  ...[
    'caseId',
    'state',
    'closing',
    'severity',
    'zone',
    'workspace',
    'appVersion',
    'reason',
    'kind',
    'detector',
    'value',
    'format',
    'file',
  ],
  ...['sha256', 'attackNotice', 'modelName', 'redactions', 'tactics', 'action', 'analyst', 'auditSentence'],
]);

function redactedValue(value: unknown, redactor: Redactor): unknown {
  if (typeof value === 'string') return redactor.text(value);
  if (Array.isArray(value)) return value.map((item) => redactedValue(item, redactor));
  if (typeof value !== 'object' || value === null) return value;
  if (isRaw(value)) {
    const edits = redactor.edits(value.text);
    return { ...value, text: applied(value.text, edits), heat: movedHeat(value.heat, edits) };
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, ours.has(key) ? item : redactedValue(item, redactor)]),
  );
}

function isRaw(value: object): value is { text: string; heat: HeatSpan[] } {
  return 'heat' in value && 'text' in value;
}

function chosenTargets(observables: readonly Observable[], { observables: keys, personal }: RedactionChoice): Target[] {
  const chosen = new Set(keys);
  const counts = new Map<ObservableKind, number>();
  return observables.flatMap(({ key, kind, text }) => {
    const isPerson = personal && personalKinds.has(kind) && !systemUsers.test(text);
    if (!chosen.has(key) && !isPerson) return [];
    const number = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, number);
    return [{ text, kind: observableKindNames[kind], label: `[${kind} ${number} taken out]`, count: 0 }];
  });
}

/** The same report without the chosen values, and with the list of what went. Nothing chosen: the report itself. */
export function redacted<R extends Pick<CaseReport, 'observables' | 'redactions'>>(
  report: R,
  choice: RedactionChoice,
): R {
  const targets = chosenTargets(report.observables, choice);
  if (targets.length === 0) return report;
  const redactor = new Redactor(targets);
  const taken = redactedValue(report, redactor) as R;
  // Observables that went as a whole stay as their label; those that only held one are written with it.
  const observables = taken.observables.map((observable) => ({
    ...observable,
    key: `${observable.kind} ${observable.text}`,
  }));
  return { ...taken, observables, redactions: redactor.list() };
}
