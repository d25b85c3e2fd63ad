/** @file A filter as text: what reads back as the same filter. */
import { severityNames } from '../alerts.ts';
import { verdictNames } from './fields.ts';
import type { Filter, FilterTerm, NamePattern } from './filter.ts';
import { printTime } from './times.ts';

export function printFilter(filter: Filter): string {
  return filter.map(printTerm).join(' ');
}

export function printTerm(term: FilterTerm): string {
  return `${term.isNegated ? '-' : ''}${printed(term)}`;
}

export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Bare where it reads back as itself, else quoted. */
function value(text: string): string {
  return text !== '' && !/[\s",*]/.test(text) ? text : quoted(text);
}

function pattern({ text, isExact }: NamePattern): string {
  return isExact ? value(text) : text;
}

function owner(one: NamePattern | 'me' | 'any' | 'none'): string {
  if (typeof one === 'string') return one;
  return /^(me|any|none)$/i.test(one.text) ? quoted(one.text) : pattern(one);
}

function printed(term: FilterTerm): string {
  switch (term.kind) {
    case 'words':
      return needsQuotes(term.text) ? quoted(term.text) : term.text;
    case 'state':
      return `state:${term.values.join(',')}`;
    case 'severity':
      return `severity${term.comparison}${term.values.map((level) => severityNames[level - 1]).join(',')}`;
    case 'number':
      return `${term.field}${term.comparison}${term.values.join(',')}`;
    case 'name':
      return `${term.field}:${term.values.map(pattern).join(',')}`;
    case 'template':
      return `template:${term.values.map((id) => `t${id}`).join(',')}`;
    case 'reason':
      return `reason:${term.values.join(',')}`;
    case 'verdict': {
      const nameOf = (one: string): string =>
        Object.entries(verdictNames).find(([, values]) => (values as readonly string[]).includes(one))?.[0] ?? one;
      return `verdict:${term.values.map(nameOf).join(',')}`;
    }
    case 'owner':
      return `owner:${term.values.map(owner).join(',')}`;
    case 'case':
      return `case:${term.values.map((one) => (typeof one === 'number' ? `C-${one}` : one)).join(',')}`;
    case 'hash':
      return `${term.field}:${term.values.map(value).join(',')}`;
    case 'text':
      return `${term.field}:${term.values.map(value).join(',')}`;
    case 'time':
      return `${term.field}${term.comparison}${term.values.map(printTime).join(',')}`;
    case 'viewed':
      return `is:${term.isViewed ? 'viewed' : 'new'}`;
  }
}

/** Words that would read as a field, a quote or a negation. */
function needsQuotes(text: string): boolean {
  return text === '' || /\s/.test(text) || /^["-]/.test(text) || /^[A-Za-z][A-Za-z-]*(:|>=|<=|>|<)/.test(text);
}
