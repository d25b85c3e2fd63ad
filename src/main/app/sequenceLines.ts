/** @file Lines that are sessions of event ids: space-separated, or the first column of a table with a header. */
import { readLines } from '../ingest/lines.ts';

export type SequenceLine = { raw: string; lineNumber: number; sizeBytes: number; ids: string[] };

/** The ids of a line; of a table's line those of its first column, its other columns (labels) are never read. */
export function idsOf(raw: string, isTable: boolean): string[] {
  const text = isTable ? (raw.split(',')[0] ?? '') : raw;
  return text.replaceAll('"', '').split(/\s+/).filter(Boolean);
}

/** Every line but a table's header, in order; a blank one has no ids. */
export async function* readSequenceLines(path: string, signal: AbortSignal): AsyncGenerator<SequenceLine> {
  let isTable = false;
  for await (const batch of readLines(path, { signal })) {
    let lineNumber = batch.firstLineNumber;
    for (const raw of batch.lines) {
      const isHeader = lineNumber === 1 && /^"?sequences?"?,/i.test(raw);
      isTable ||= isHeader;
      if (!isHeader) yield { raw, lineNumber, sizeBytes: batch.sizeBytes, ids: idsOf(raw, isTable) };
      lineNumber++;
    }
  }
}
