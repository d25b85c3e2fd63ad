/** @file The raw line with its surprise: pieces of the text, each with its bits. */
import type { HeatSpan } from '../../shared/alerts.ts';
import type { Run } from './document.ts';

/** Lower bounds in bits of the classes 0 to 6. */
const bounds = [0, 1, 2, 4, 7, 10, 14];

export function heatClass(bits: number): number {
  return Math.max(
    0,
    bounds.findLastIndex((bound) => bits >= bound),
  );
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

export function heatedRuns(text: string, heat: readonly HeatSpan[]): Run[] {
  const runs: Run[] = [];
  let from = 0;
  for (const { start, end, bits } of tidy(text, heat)) {
    if (start > from) runs.push({ text: text.slice(from, start) });
    runs.push({ text: text.slice(start, end), bits });
    from = end;
  }
  if (from < text.length) runs.push({ text: text.slice(from) });
  return runs;
}
