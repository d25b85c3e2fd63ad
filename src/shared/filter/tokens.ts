/** @file A filter's text cut into terms, names, operators and values, each with its place. Knows no field. */
import type { Span } from '../lines.ts';
import type { Comparison } from './filter.ts';

export type ValueToken = { text: string; isQuoted: boolean; isClosed: boolean; span: Span };

export type TermToken = {
  isNegated: boolean;
  /** Name before the operator; null: words to look for. */
  name: { text: string; span: Span } | null;
  comparison: Comparison;
  values: ValueToken[];
  span: Span;
};

const space = /\s/;
const namePattern = /([A-Za-z][A-Za-z-]*)(:|>=|<=|>|<)/y;

/** A quoted text with \" and \\ in it; one that is not closed ends with the text. */
function readQuoted(text: string, start: number): ValueToken {
  let value = '';
  let at = start + 1;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\')) at++;
    value += text[at];
    at++;
  }
  const isClosed = text[at] === '"';
  return { text: value, isQuoted: true, isClosed, span: { start, end: isClosed ? at + 1 : at } };
}

function readBare(text: string, start: number, endsAtComma: boolean): ValueToken {
  const stop = endsAtComma ? /[\s,]/g : /\s/g;
  stop.lastIndex = start;
  const end = stop.exec(text)?.index ?? text.length;
  return { text: text.slice(start, end), isQuoted: false, isClosed: true, span: { start, end } };
}

export function tokenizeFilter(text: string): TermToken[] {
  const terms: TermToken[] = [];
  let at = 0;
  while (at < text.length) {
    if (space.test(text[at] ?? '')) {
      at++;
      continue;
    }
    const start = at;
    const next = text[at + 1];
    const isNegated = text[at] === '-' && next !== undefined && !space.test(next);
    if (isNegated) at++;
    namePattern.lastIndex = at;
    const named = namePattern.exec(text);
    const values: ValueToken[] = [];
    let name: TermToken['name'] = null;
    let comparison: Comparison = ':';
    if (named) {
      const word = named[1] ?? '';
      name = { text: word, span: { start: at, end: at + word.length } };
      comparison = named[2] as Comparison;
      at += named[0].length;
      for (;;) {
        const value = text[at] === '"' ? readQuoted(text, at) : readBare(text, at, true);
        values.push(value);
        at = value.span.end;
        if (text[at] !== ',') break;
        at++;
      }
    } else {
      const value = text[at] === '"' ? readQuoted(text, at) : readBare(text, at, false);
      values.push(value);
      at = value.span.end;
    }
    terms.push({ isNegated, name, comparison, values, span: { start, end: at } });
  }
  return terms;
}
