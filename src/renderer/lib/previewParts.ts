/** @file A first line cut at what its format reads from it: the fields of its header, its message, and what is neither. */
import type { PreviewEvent } from '../../shared/sources.ts';
import { firstLineOf } from './eventLines.ts';

export const fieldNames = {
  host: 'host',
  process: 'program',
  kind: 'kind of event',
  user: 'user',
  subject: 'client or node',
} as const;
export type FieldName = keyof typeof fieldNames;
export type PreviewPart = { text: string; field: FieldName | 'message' | null };

/** The parts in order, together the first line of the event. Where two fields share a place (a node and its host) one is shown. */
export function previewParts(event: PreviewEvent): PreviewPart[] {
  const line = firstLineOf(event.raw);
  const spans = (Object.keys(fieldNames) as FieldName[])
    .flatMap((field) => {
      const span = event[field];
      return span !== null && span.end > span.start && span.end <= line.length ? [{ ...span, field }] : [];
    })
    .toSorted((one, other) => one.start - other.start);
  const parts: PreviewPart[] = [];
  const { start: messageStart, end: messageEnd } = event.message;
  const addPlain = (from: number, to: number): void => {
    const cuts = [from, messageStart, messageEnd, to].map((cut) => Math.max(from, Math.min(cut, to)));
    const pieces = [
      { text: line.slice(cuts[0], cuts[1]), field: null },
      { text: line.slice(cuts[1], cuts[2]), field: 'message' as const },
      { text: line.slice(cuts[2], cuts[3]), field: null },
    ];
    parts.push(...pieces.filter(({ text }) => text !== ''));
  };
  let index = 0;
  for (const { start, end, field } of spans) {
    if (start < index) continue;
    addPlain(index, start);
    parts.push({ text: line.slice(start, end), field });
    index = end;
  }
  addPlain(index, line.length);
  return parts;
}
