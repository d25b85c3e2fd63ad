/** @file Lets the line detectors learn from the distinct masked lines of the training part. */
import type { Client } from '../../../shared/port.ts';
import type { CountedLine, LineDetector } from '../../detect/detector.ts';
import { lineDetectors } from '../../detect/lines/registry.ts';
import type { StoreMethods } from '../../store/protocol.ts';
import { mostLineChars } from '../../text/maskedLine.ts';
import { secretsOf, type LearnedLines } from './lineDetection.ts';
import { LineReader } from './lineReader.ts';
import type { LinePage } from './lineScores.ts';

/** Of one line each; what comes later is left out. */
const mostLines = 200_000;
const linesPerCall = 2000;

/**
 * By detector. `textModelId`: of the text model that will read lines. `pages`: of the training part, in the order of the log. Nothing is learned where no event has a line hash: they were imported by an
 * earlier version, or are ids.
 */
export async function learnLines(
  store: Client<StoreMethods>,
  { hashKey, textModelId }: { hashKey: Uint8Array; textModelId: string | null },
  pages: Iterable<LinePage>,
  signal: AbortSignal,
): Promise<LearnedLines> {
  const counts = new Map<number, { eventId: number; count: number }>();
  for (const { eventIds, lineHashes } of pages) {
    lineHashes.forEach((hash, row) => {
      const known = counts.get(hash);
      if (known) known.count++;
      else if (hash !== 0 && counts.size < mostLines) counts.set(hash, { eventId: eventIds[row] ?? 0, count: 1 });
    });
  }
  if (counts.size === 0) return {};
  const lines = await readLines(store, [...counts.values()], signal);
  const context = { secret: secretsOf(hashKey), textModelId };
  return Object.fromEntries(
    (lineDetectors as readonly LineDetector[])
      .filter(({ needsTextModel }) => textModelId !== null || !needsTextModel)
      .map((detector) => [detector.id, detector.fit(lines, context)]),
  );
}

/** Without bits: what a text model says of the lines it learned from teaches nothing. */
async function readLines(
  store: Client<StoreMethods>,
  examples: readonly { eventId: number; count: number }[],
  signal: AbortSignal,
): Promise<CountedLine[]> {
  const reader = new LineReader(null);
  const lines: CountedLine[] = [];
  for (let from = 0; from < examples.length; from += linesPerCall) {
    const some = new Map(examples.slice(from, from + linesPerCall).map(({ eventId, count }) => [eventId, count]));
    const events = await store.call('get_events', { ids: [...some.keys()], maxChars: mostLineChars }, { signal });
    for (const event of events)
      lines.push({
        line: { text: reader.read(event).masked.text, bits: new Float32Array() },
        count: some.get(event.id) ?? 1,
      });
  }
  return lines;
}
