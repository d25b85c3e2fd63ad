/**
 * @file Which event each line of a file belongs to. The store keeps the number of an event's first line; those of its other lines are had by
 * joining the file's lines again, which gives the same events.
 */
import type { SourceFormat } from '../../shared/lines.ts';
import { readLines } from '../ingest/lines.ts';
import { createJoiner, joinsLines } from '../ingest/records.ts';

/** By line number less one: the number of the first line of its event; 0 for a blank line. Null where every line is an event of its own. */
export async function eventOfLines(path: string, format: SourceFormat, lineCount: number): Promise<Int32Array | null> {
  if (format === 'sequences' || !joinsLines(format)) return null;
  const first = new Int32Array(lineCount);
  const joiner = createJoiner(format, (_raw, firstLine, _bytes, moreLines) => {
    first[firstLine - 1] = firstLine;
    for (const line of moreLines) first[line - 1] = firstLine;
  });
  const { signal } = new AbortController();
  for await (const { lines, firstLineNumber } of readLines(path, { signal })) {
    lines.forEach((line, index) => {
      if (line.trim() === '') joiner.pause();
      else joiner.push(line, firstLineNumber + index, undefined);
    });
  }
  joiner.finish();
  return first;
}
