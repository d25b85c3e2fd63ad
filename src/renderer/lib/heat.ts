/** @file The surprise scale: bits to one of seven levels, and a raw line with its spans to segments that cover it without gap or overlap. */
import type { HeatSpan } from '../../shared/alerts.ts';
import type { LinePart } from '../../shared/lines.ts';

export type HeatLevel = 0 | 1 | 2 | 3 | 4 | 5 | 6;
export type HeatSegment = { start: number; end: number; text: string; bits: number; level: HeatLevel };

/** A run of the line that is of one segment, and of one value in it or none. */
export type HeatPiece = { start: number; text: string; level: HeatLevel; segment: number; part: LinePart | null };

/** Lower edge of each level in bits, as the legend prints them. */
export const heatEdges = [0, 1, 2, 4, 7, 10, 14] as const;
/** A part from here on is worth a stop when walking the line. */
const walkLevel: HeatLevel = 2;

export function heatLevel(bits: number): HeatLevel {
  let level = 0;
  for (let index = 1; index < heatEdges.length; index++) if (bits >= (heatEdges[index] ?? Infinity)) level = index;
  return level as HeatLevel;
}

/** Spans may come unsorted, overlapping or past the end (the text may be cut): the earlier one wins, the rest is trimmed. */
export function heatSegments(text: string, spans: readonly HeatSpan[]): HeatSegment[] {
  const segments: HeatSegment[] = [];
  let position = 0;
  const push = (start: number, end: number, bits: number): void => {
    if (end > start) segments.push({ start, end, text: text.slice(start, end), bits, level: heatLevel(bits) });
  };
  for (const span of [...spans].sort((left, right) => left.start - right.start)) {
    const start = Math.max(span.start, position);
    const end = Math.min(span.end, text.length);
    if (end <= start) continue;
    push(position, start, 0);
    push(start, end, span.bits);
    position = end;
  }
  push(position, text.length, 0);
  return segments;
}

/** Indexes of the segments that arrow keys walk, in reading order. */
export function surprisingIndexes(segments: readonly HeatSegment[]): number[] {
  return segments.flatMap((segment, index) => (segment.level >= walkLevel ? [index] : []));
}

/** Where the walk starts: the most surprising part. -1 where nothing surprises. */
export function mostSurprising(segments: readonly HeatSegment[]): number {
  let best = -1;
  for (const index of surprisingIndexes(segments)) {
    if (best < 0 || (segments[index]?.bits ?? 0) > (segments[best]?.bits ?? 0)) best = index;
  }
  return best;
}

/** The segments cut where values begin and end: together they are the line. `parts` are in order, without overlap. */
export function heatPieces(segments: readonly HeatSegment[], parts: readonly LinePart[]): HeatPiece[] {
  const pieces: HeatPiece[] = [];
  let next = 0;
  segments.forEach(({ start: from, end: to, text, level }, segment) => {
    let start = from;
    while (start < to) {
      while ((parts[next]?.end ?? Infinity) <= start) next += 1;
      const part = parts[next];
      const isIn = part !== undefined && part.start <= start;
      const end = Math.min(to, (isIn ? part.end : part?.start) ?? to);
      pieces.push({ start, text: text.slice(start - from, end - from), level, segment, part: isIn ? part : null });
      start = end;
    }
  });
  return pieces;
}
