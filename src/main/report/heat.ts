/** @file The raw line with its surprise, in the light tokens of the app's scale. */
import type { HeatSpan } from '../../shared/domain.ts';
import { formatBits, formatOdds } from './format.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';

/** Lower bounds in bits of the classes s0 to s6. */
const bounds = [0, 1, 2, 4, 7, 10, 14];

export function heatClass(bits: number): string {
  return `s${Math.max(
    0,
    bounds.findLastIndex((bound) => bits >= bound),
  )}`;
}

/** Moves an offset out of the middle of a surrogate pair, which must not be cut. */
function outOfPair(text: string, offset: number): number {
  const before = text.charCodeAt(offset - 1);
  const after = text.charCodeAt(offset);
  const isInside = before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
  return isInside ? offset - 1 : offset;
}

/** Spans in order, inside the text, none over another; the hotter of two that overlap keeps its place. */
function tidy(text: string, heat: readonly HeatSpan[]): HeatSpan[] {
  const kept: HeatSpan[] = [];
  for (const span of [...heat].sort((a, b) => b.bits - a.bits || a.start - b.start)) {
    const start = outOfPair(text, Math.min(Math.max(span.start, 0), text.length));
    const end = outOfPair(text, Math.min(Math.max(span.end, 0), text.length));
    const isFree = kept.every((other) => end <= other.start || start >= other.end);
    if (start < end && isFree) kept.push({ start, end, bits: span.bits });
  }
  return kept.sort((a, b) => a.start - b.start);
}

export function heatedLine(text: string, heat: readonly HeatSpan[]): Markup[] {
  const pieces: Markup[] = [];
  let from = 0;
  for (const { start, end, bits } of tidy(text, heat)) {
    if (start > from) pieces.push(markup`${text.slice(from, start)}`);
    const label = `${formatBits(bits)}, ${formatOdds(bits)}`;
    pieces.push(markup`<mark class="${heatClass(bits)}" title="${label}">${text.slice(start, end)}</mark>`);
    from = end;
  }
  if (from < text.length) pieces.push(markup`${text.slice(from)}`);
  return pieces;
}
