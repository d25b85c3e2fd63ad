/** @file From text to a filter, or to what is wrong with it and where. Never throws: half a filter is what typing looks like. */
import { alertStates, reasonKinds, severityNames, type AlertState, type SeverityLevel } from '../alerts.ts';
import type { VerdictValue } from '../verdicts.ts';
import { fieldByName, fields, verdictNames, type Field } from './fields.ts';
import type { Comparison, Filter, FilterProblem, FilterTerm, NameField, NamePattern } from './filter.ts';
import { nearest } from './suggest.ts';
import { parseTime, type WallTime } from './times.ts';
import { tokenizeFilter, type TermToken, type ValueToken } from './tokens.ts';

/** More than anybody types; what is behind it is said not to be read. */
export const mostFilterChars = 2000;
/** SQLite takes conditions a thousand deep. */
export const mostFilterValues = 400;

export type ParsedFilter = { filter: Filter; problems: FilterProblem[] };

class Problem extends Error {
  readonly problem: FilterProblem;
  constructor(message: string, span: FilterProblem['span']) {
    super(message);
    this.problem = { message, span };
  }
}

export function parseFilter(text: string): ParsedFilter {
  const filter: FilterTerm[] = [];
  const problems: FilterProblem[] = [];
  if (text.length > mostFilterChars) {
    const span = { start: mostFilterChars, end: text.length };
    problems.push({ message: `A filter has at most ${mostFilterChars.toLocaleString('en')} characters.`, span });
  }
  let valueCount = 0;
  for (const token of tokenizeFilter(text.slice(0, mostFilterChars))) {
    valueCount += token.values.length;
    if (valueCount > mostFilterValues) {
      const span = { start: token.span.start, end: text.length };
      problems.push({ message: `A filter has at most ${mostFilterValues} words and values.`, span });
      break;
    }
    try {
      filter.push({ isNegated: token.isNegated, span: token.span, ...termOf(token) } as FilterTerm);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problems.push(error.problem);
    }
  }
  return { filter, problems };
}

type Term = FilterTerm extends infer T ? (T extends FilterTerm ? Omit<T, 'isNegated' | 'span'> : never) : never;

function termOf(token: TermToken): Term {
  const open = token.values.find((value) => !value.isClosed);
  if (open) throw new Problem(`The quote at character ${open.span.start + 1} is not closed.`, open.span);
  if (!token.name) {
    const [value] = token.values;
    return { kind: 'words', text: value?.text ?? '' };
  }
  const { text: name, span } = token.name;
  const field = fieldByName.get(name.toLowerCase());
  if (!field) {
    const meant = nearest(
      name,
      fields.filter((one) => !one.isHidden).map((one) => one.name),
    );
    const then = meant ? `Did you mean ${meant}?` : 'To look for it as text, put it in quotes.';
    throw new Problem(`'${shown(name)}' at character ${span.start + 1} is not a field. ${then}`, span);
  }
  if (token.comparison !== ':' && !field.isOrdered) {
    throw new Problem(`${field.name} has no order: write ${field.name}:value.`, {
      start: span.start,
      end: span.end + 1,
    });
  }
  const empty = token.values.find((value) => value.text === '' && !value.isQuoted);
  if (empty)
    throw new Problem(`${field.name} at character ${span.start + 1} needs a value: ${field.hint}.`, token.span);
  const isMany = token.comparison !== ':' && token.values.length > 1;
  if (isMany) throw new Problem(`${field.name}${token.comparison} takes one value.`, token.span);
  return valued(field, token.comparison, token.values);
}

function valued(field: Field, comparison: Comparison, values: readonly ValueToken[]): Term {
  switch (field.kind) {
    case 'severity':
      return { kind: 'severity', comparison, values: values.map((value) => severityOf(field, value)) };
    case 'state':
      return { kind: 'state', values: values.map((value) => choice(field, value, alertStates)) };
    case 'reason':
      return { kind: 'reason', values: values.map((value) => choice(field, value, reasonKinds)) };
    case 'is':
      return isTerm(field, values);
    case 'verdict':
      return { kind: 'verdict', values: values.flatMap((value) => verdictOf(field, value)) };
    case 'number':
      return {
        kind: 'number',
        field: field.name as 'score' | 'bits',
        comparison,
        values: values.map((value) => numberOf(field, value)),
      };
    case 'name':
      return { kind: 'name', field: field.name as NameField, values: values.map(patternOf) };
    case 'owner':
      return { kind: 'owner', values: values.map(ownerOf) };
    case 'template':
      return { kind: 'template', values: values.map((value) => matched(field, value, /^t?(\d{1,9})$/i, Number)) };
    case 'case':
      return { kind: 'case', values: values.map((value) => caseOf(field, value)) };
    case 'hash':
      return { kind: 'hash', field: field.name as 'signature' | 'actor', values: values.map((value) => value.text) };
    case 'text':
      return { kind: 'text', field: field.name as 'title' | 'line', values: values.map((value) => value.text) };
    case 'last':
      return { kind: 'time', field: 'at', comparison: '>=', values: [lengthOf(field, values)] };
    case 'time':
      return timeTerm(field, comparison, values);
  }
}

function timeTerm(field: Field, comparison: Comparison, values: readonly ValueToken[]): Term {
  const times = values.map((value) => timeOf(field, value));
  if (field.name === 'after' || field.name === 'before') {
    const [first] = times;
    if (!first || times.length > 1) throw notA(field, values[1] ?? values[0], '');
    return { kind: 'time', field: 'at', comparison: field.name === 'after' ? '>=' : '<', values: [first] };
  }
  return { kind: 'time', field: field.name as 'at' | 'raised', comparison, values: times };
}

function isTerm(field: Field, values: readonly ValueToken[]): Term {
  const words = values.map((value) => choice(field, value, field.words));
  const states = words.filter((word): word is AlertState => (alertStates as readonly string[]).includes(word));
  if (states.length === words.length) return { kind: 'state', values: states };
  if (words.length > 1) throw new Problem(`is: takes new and viewed alone.`, values[1]?.span ?? { start: 0, end: 0 });
  return { kind: 'viewed', isViewed: words[0] === 'viewed' };
}

/** The value cut for a sentence; control characters would break the line. */
function shown(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}]/gu, '�');
  return clean.length > 40 ? `${clean.slice(0, 40)}…` : clean;
}

function notA(field: Field, value: ValueToken | undefined, form: string): Problem {
  const span = value?.span ?? { start: 0, end: 0 };
  const at = span.start + (value?.isQuoted ? 2 : 1);
  const meant = nearest(value?.text ?? '', field.words);
  const then = meant ? `Did you mean ${meant}?` : `It takes ${form || field.words.join(', ') || field.hint}.`;
  const article = /^[aeiou]/.test(field.one) ? 'an' : 'a';
  return new Problem(`'${shown(value?.text ?? '')}' at character ${at} is not ${article} ${field.one}. ${then}`, span);
}

function choice<T extends string>(field: Field, value: ValueToken, words: readonly T[]): T {
  const found = words.find((word) => word === value.text.toLowerCase());
  if (found === undefined) throw notA(field, value, '');
  return found;
}

function matched<T>(field: Field, value: ValueToken, pattern: RegExp, to: (text: string) => T): T {
  const found = pattern.exec(value.text)?.[1];
  if (found === undefined) throw notA(field, value, field.hint);
  return to(found);
}

function severityOf(field: Field, value: ValueToken): SeverityLevel {
  if (/^[1-5]$/.test(value.text)) return Number(value.text) as SeverityLevel;
  return (severityNames.indexOf(choice(field, value, severityNames)) + 1) as SeverityLevel;
}

function numberOf(field: Field, value: ValueToken): number {
  return matched(field, value, /^(\d{1,9}(?:\.\d{1,6})?)$/, Number);
}

function verdictOf(field: Field, value: ValueToken): (VerdictValue | 'any' | 'none')[] {
  const word = value.text.toLowerCase();
  if (word === 'false') return [...(verdictNames['false-logic'] ?? []), ...(verdictNames['false-data'] ?? [])];
  const name = choice(field, value, field.words);
  return name === 'any' || name === 'none' ? [name] : [...(verdictNames[name] ?? [])];
}

function patternOf(value: ValueToken): NamePattern {
  return { text: value.text, isExact: value.isQuoted || !value.text.includes('*') };
}

function ownerOf(value: ValueToken): NamePattern | 'me' | 'any' | 'none' {
  const word = value.text.toLowerCase();
  if (!value.isQuoted && (word === 'me' || word === 'any' || word === 'none')) return word;
  return patternOf(value);
}

function caseOf(field: Field, value: ValueToken): number | 'any' | 'none' {
  const word = value.text.toLowerCase();
  if (word === 'any' || word === 'none') return word;
  return matched(field, value, /^(?:c-)?(\d{1,9})$/i, Number);
}

function timeOf(field: Field, value: ValueToken): WallTime {
  const time = parseTime(value.text);
  if (!time) throw notA(field, value, '24h, today, 2026-11-20 or 2026-11-20T12:31');
  return time;
}

function lengthOf(field: Field, values: readonly ValueToken[]): WallTime {
  const [value, second] = values;
  const time = value ? parseTime(value.text) : null;
  if (!time || time.kind !== 'ago' || second) throw notA(field, second ?? value, '30m, 24h, 7d or 2w');
  return time;
}
