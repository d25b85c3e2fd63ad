/** @file What could be typed next: names of fields, and the values of the field that the caret is in. */
import { reasonKinds, reasonNames } from '../alerts.ts';
import type { Span } from '../lines.ts';
import { fieldByName, fields, type Field } from './fields.ts';
import { quoted } from './print.ts';
import { tokenizeFilter } from './tokens.ts';

export type Suggestion = { text: string; hint: string };

export type Completion = {
  /** What a suggestion takes the place of. */
  span: Span;
  suggestions: Suggestion[];
  /** Set where the workspace knows values: they are asked for by field and what was typed of it. */
  asks: { field: string; typed: string } | null;
};

const valuesInStore = new Set([
  'source',
  'host',
  'user',
  'address',
  'process',
  'entity',
  'template',
  'owner',
  'case',
  'detector',
]);
const times = ['1h', '24h', '7d', '30d'];

/** What stands at the caret and how it could go on. */
export function completeFilter(text: string, caret: number): Completion {
  const token = tokenizeFilter(text).find(({ span }) => span.start < caret && caret <= span.end);
  if (!token) return names('', { start: caret, end: caret });
  if (!token.name) {
    const [value] = token.values;
    if (!value || value.isQuoted) return { span: token.span, suggestions: [], asks: null };
    return names(text.slice(value.span.start, caret), value.span);
  }
  if (caret <= token.name.span.end) return names(token.name.text, token.name.span);
  const field = fieldByName.get(token.name.text.toLowerCase());
  const value = token.values.find(({ span }) => span.start <= caret && caret <= span.end);
  if (!field || !value) return { span: token.span, suggestions: [], asks: null };
  const typed = value.isQuoted ? value.text : text.slice(value.span.start, caret);
  return { span: value.span, ...valuesOf(field, typed) };
}

function names(typed: string, span: Span): Completion {
  const wanted = typed.toLowerCase();
  const found = fields.filter(({ name, isHidden }) => !isHidden && name.startsWith(wanted));
  return { span, suggestions: found.map(({ name, hint }) => ({ text: `${name}:`, hint })), asks: null };
}

function valuesOf(field: Field, typed: string): Omit<Completion, 'span'> {
  const words = field.kind === 'last' ? times : field.kind === 'time' ? ['today', 'yesterday', ...times] : field.words;
  const wanted = typed.toLowerCase();
  const suggestions = words
    .filter((word) => word.startsWith(wanted))
    .map((word) => ({ text: word, hint: hintOf(field, word) }));
  const asks = valuesInStore.has(field.name) ? { field: field.name, typed } : null;
  return { suggestions, asks };
}

function hintOf({ kind }: Field, word: string): string {
  const reason = kind === 'reason' ? reasonKinds.find((one) => one === word) : undefined;
  return reason ? reasonNames[reason] : '';
}

/** The text with the suggestion in its place, and where the caret then is: behind the name's operator, or behind the value and a space. */
export function applySuggestion(text: string, span: Span, suggestion: string): { text: string; caret: number } {
  const before = text.slice(0, span.start);
  const rest = text.slice(span.end);
  const operator = /^(:|>=|<=|>|<)/.exec(rest)?.[0];
  const isName = suggestion.endsWith(':') && fieldByName.has(suggestion.slice(0, -1));
  if (isName) {
    const name = suggestion.slice(0, -1);
    const written = before + name + (operator ?? ':');
    return { text: written + rest.slice(operator?.length ?? 0), caret: written.length };
  }
  const written = `${before}${/[\s",*]/.test(suggestion) ? quoted(suggestion) : suggestion}`;
  const gap = rest.startsWith(',') ? '' : ' ';
  return { text: written + gap + rest.trimStart(), caret: written.length + gap.length };
}
