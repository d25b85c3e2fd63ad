/** @file A source's events with their scores as columns: a few numbers for each, so that those of ten million lines fit in memory. */
import type { DetectorId } from '../../shared/detectors.ts';
import type { Source } from '../../shared/sources.ts';
import { readKeyPages } from '../learn/keyTable.ts';
import type { JobContext } from './jobs.ts';
import type { ScoredSource } from './score.ts';
import type { Scoring } from './scoring.ts';
import type { Services } from './services.ts';

/** By the event's place in its source. */
export type EventScores = ScoredSource & {
  bits: Float32Array;
  /** -log10 p. */
  scores: Float64Array;
  /** Of events that alert, the detector with the smallest p-value. */
  detectorOf: Map<number, DetectorId>;
  templateIndexes: Int32Array;
  sessionIds: Float64Array;
  /** By line number, the place of the event that begins there; -1 for none. */
  rowOfLine: Int32Array;
  /** An event of each template and the first event of each session. */
  exampleOf: Map<number, number>;
  firstOf: Map<number, number>;
};

/** Scores a source by the model in use. */
export async function scoreEvents(
  services: Services,
  scoring: Scoring,
  { id, eventCount, lineCount }: Source,
  job: JobContext,
): Promise<EventScores> {
  const columns = {
    bits: new Float32Array(eventCount),
    scores: new Float64Array(eventCount),
    detectorOf: new Map<number, DetectorId>(),
    templateIndexes: new Int32Array(eventCount),
    sessionIds: new Float64Array(eventCount),
    rowOfLine: new Int32Array(lineCount + 1).fill(-1),
    exampleOf: new Map<number, number>(),
    firstOf: new Map<number, number>(),
  };
  let firstEventId: number | undefined;
  let row = 0;
  for await (const page of readKeyPages(services.store, id, job.signal)) {
    firstEventId ??= page.eventIds[0];
    for (const [index, eventId] of page.eventIds.entries()) {
      const [template, session] = [page.templateIndexes[index] ?? 0, page.sessionIds[index] ?? 0];
      columns.templateIndexes[row] = template;
      columns.sessionIds[row] = session;
      columns.rowOfLine[page.lineNumbers[index] ?? 0] = row;
      columns.exampleOf.set(template, eventId);
      if (!columns.firstOf.has(session)) columns.firstOf.set(session, eventId);
      row++;
    }
  }
  const scored = await scoring.scoreSource(id, job, (eventId, bits, score, detector) => {
    const place = eventId - (firstEventId ?? 0);
    columns.bits[place] = bits;
    columns.scores[place] = score;
    if (detector) columns.detectorOf.set(place, detector);
  });
  return { ...scored, ...columns };
}
