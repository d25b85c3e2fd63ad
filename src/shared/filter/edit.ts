/** @file What picking a value does to a filter: include it, exclude it, or have it alone. */
import type { FilterTerm, NameField } from './filter.ts';
import { parseFilter } from './parse.ts';
import { printFilter, quoted } from './print.ts';

/** A value that was picked: of a field that takes names, a template, a reason, or a piece of a line. */
export type PickedValue = {
  field:
    NameField | 'template' | 'reason' | 'severity' | 'signature' | 'actor' | 'line' | 'title' | 'verdict' | 'owner';
  value: string;
};

/** `field:value` as text; the value is always data, never syntax. */
export function termText({ field, value }: PickedValue): string {
  const isPlain = /^[\w.@/:-]+$/.test(value);
  return `${field}:${isPlain ? value : quoted(value)}`;
}

export function includeValue(text: string, picked: PickedValue): string {
  return added(text, picked, false);
}

export function excludeValue(text: string, picked: PickedValue): string {
  return added(text, picked, true);
}

/** Beside a term of the same field the value stands as another choice; to exclude it the other way round. */
function added(text: string, picked: PickedValue, isNegated: boolean): string {
  const [term] = parseFilter(termText(picked)).filter;
  if (!term) return text;
  const { filter } = parseFilter(text);
  const wanted = { ...term, isNegated };
  const others = filter.map((one) => without(one, term, !isNegated)).filter((one) => one !== null);
  const at = others.findIndex((one) => one.isNegated === isNegated && joins(one, term));
  const host = others[at];
  const joined = host ? others.with(at, joinedTerm(host, wanted)) : [...others, wanted];
  return printFilter(joined);
}

function joins(one: FilterTerm, other: FilterTerm): boolean {
  if (one.kind !== other.kind || !('values' in one) || !('values' in other)) return false;
  if ('comparison' in one && one.comparison !== ':') return false;
  return (one as { field?: string }).field === (other as { field?: string }).field;
}

function joinedTerm(host: FilterTerm, term: FilterTerm): FilterTerm {
  if (!('values' in host) || !('values' in term)) return host;
  const known = new Set(host.values.map((value) => JSON.stringify(value)));
  const more = term.values.filter((value) => !known.has(JSON.stringify(value)));
  return { ...host, values: [...host.values, ...more] } as FilterTerm;
}

/** The term less the value, where it says the contrary of what was picked; null: nothing is left of it. */
function without(one: FilterTerm, term: FilterTerm, isNegated: boolean): FilterTerm | null {
  if (one.isNegated !== isNegated || !joins(one, term) || !('values' in one) || !('values' in term)) return one;
  const gone = new Set(term.values.map((value) => JSON.stringify(value)));
  const left = one.values.filter((value) => !gone.has(JSON.stringify(value)));
  return left.length === 0 ? null : ({ ...one, values: left } as FilterTerm);
}

/** Nothing else is filtered. */
export function onlyValue(picked: PickedValue): string {
  return termText(picked);
}

/** The filter with its time range in place of any that it had. */
export function withRange(text: string, from: string, to: string): string {
  const kept = parseFilter(text).filter.filter((term) => !(term.kind === 'time' && term.field === 'at'));
  return [printFilter(kept), `at>=${from}`, `at<${to}`].filter((part) => part !== '').join(' ');
}
