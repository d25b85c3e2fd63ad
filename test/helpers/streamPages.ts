/** @file Lines as stream detectors see them, made as an import makes them, without a store. */
import type { StreamPage } from '../../src/main/detect/detector.ts';
import { cutPage } from '../../src/main/app/detection/tablePages.ts';
import { EventMaker } from '../../src/main/app/eventMaker.ts';
import { toBatch, type NewEvent } from '../../src/main/app/eventWriter.ts';
import { detectFormat } from '../../src/main/ingest/detect.ts';
import { assumeTimes, createLineParser } from '../../src/main/ingest/parser.ts';
import { createKeyedHash } from '../../src/main/text/keyedHash.ts';
import { emptyValues } from '../../src/shared/eventValues.ts';

const modifiedAt = Date.UTC(2026, 11, 1);

/** One page; event i is line i, of a session of its own. */
export function pageOfLines(lines: readonly string[]): StreamPage {
  const { format } = detectFormat(lines.slice(0, 500));
  const parse = createLineParser(format, assumeTimes(format, lines.slice(0, 500), modifiedAt, 'UTC'));
  const maker = new EventMaker(createKeyedHash(new Uint8Array(32).fill(9)), []);
  const events = lines.map((raw, index): NewEvent => {
    const event = maker.make({ raw, lineNumber: index + 1, rawBytes: undefined }, parse(raw), index + 1);
    event.sessionId = index + 1;
    return event;
  });
  const { values, at, severities, templateIndexes, sessionIds } = toBatch(events, 1);
  const eventIds = Float64Array.from(lines, (_, index) => index + 1);
  return { ...(values ?? emptyValues(0)), eventIds, at, severities, templateIndexes, sessionIds };
}

/** Scores of all events of the page, given in pages of this size. */
export function scoresOf(
  scorer: { score(page: StreamPage, scores: Float32Array): void },
  page: StreamPage,
  pageEvents = 5000,
): Float32Array {
  const count = page.at.length;
  const scores = new Float32Array(count).fill(NaN);
  for (let from = 0; from < count; from += pageEvents) {
    const to = Math.min(count, from + pageEvents);
    scorer.score(cutPage(page, from, to), scores.subarray(from, to));
  }
  return scores;
}
