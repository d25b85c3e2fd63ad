/** @file The rows of the `score` command: one per line of the file, in order; a line without an event says why it has none. */
import type { App } from '../app/createApp.ts';
import { eventOfLines } from '../app/eventLines.ts';
import type { JobContext } from '../app/jobs.ts';
import { readKeyPages } from '../learn/keyTable.ts';
import type { Source } from '../../shared/domain.ts';
import { RowWriter } from './rows.ts';

/** The smallest p a row can say; its score keeps growing beyond. */
const leastP = Number.MIN_VALUE;
const namesAtOnce = 1000;

/** What the rows say of each event of a source, by its place there: a few numbers each, so that ten million fit. */
type Events = {
  bits: Float32Array;
  scores: Float64Array;
  templateIndexes: Int32Array;
  sessionIds: Float64Array;
  /** By line number, the place of the event that begins there; -1 for none. */
  rowOfLine: Int32Array;
};

export type RowCounts = { lines: number; events: number; alerts: number; alertLines: number };

/** Scores a source and writes its rows. */
export async function scoreToRows(
  app: App,
  input: { source: Source; path: string; outputPath: string },
  job: JobContext,
): Promise<RowCounts> {
  const { services, texts, work } = app.parts;
  const { source } = input;
  const lines = source.lineCount;
  const events: Events = {
    bits: new Float32Array(source.eventCount),
    scores: new Float64Array(source.eventCount),
    templateIndexes: new Int32Array(source.eventCount),
    sessionIds: new Float64Array(source.eventCount),
    rowOfLine: new Int32Array(lines + 1).fill(-1),
  };
  const exampleOf = new Map<number, number>();
  const firstOf = new Map<number, number>();
  let firstEventId: number | undefined;
  let row = 0;
  for await (const page of readKeyPages(services.store, source.id, job.signal)) {
    firstEventId ??= page.eventIds[0];
    page.eventIds.forEach((eventId, index) => {
      const [template, session] = [page.templateIndexes[index] ?? 0, page.sessionIds[index] ?? 0];
      events.templateIndexes[row] = template;
      events.sessionIds[row] = session;
      events.rowOfLine[page.lineNumbers[index] ?? 0] = row;
      exampleOf.set(template, eventId);
      if (!firstOf.has(session)) firstOf.set(session, eventId);
      row++;
    });
  }
  const scored = await work.scoreSource(source.id, job, (eventId, bits, score) => {
    const place = eventId - (firstEventId ?? 0);
    events.bits[place] = bits;
    events.scores[place] = score;
  });
  const textOf = await texts.of([...exampleOf.keys()], exampleOf);
  const sessionOf = await sessionNames(app, [...firstOf.values()]);
  const firstLines = await eventOfLines(input.path, source.format, lines);
  const rows = await RowWriter.open(input.outputPath);
  let alertLines = 0;
  for (let line = 1; line <= lines; line++) {
    const place = events.rowOfLine[firstLines?.[line - 1] ?? line] ?? -1;
    if (place < 0) {
      await rows.write(emptyRow(line));
      continue;
    }
    const score = events.scores[place] ?? 0;
    const isAlert = score >= scored.thresholdScore;
    if (isAlert) alertLines++;
    await rows.write({
      line,
      score: events.bits[place],
      p: pOf(score),
      alert: isAlert,
      template: textOf(events.templateIndexes[place] ?? 0),
      session: sessionOf.get(events.sessionIds[place] ?? 0) ?? null,
    });
  }
  await rows.close();
  return { lines, events: scored.eventCount, alerts: scored.alertCount, alertLines };
}

/** `score` is -log10 p. */
export function pOf(score: number): number {
  return Math.max(leastP, 10 ** -score);
}

export function emptyRow(line: number): Record<string, unknown> {
  return { line, score: null, p: null, alert: false, template: null, session: null, reason: 'blank line' };
}

/** `entity#session`, the entity as the session's first line writes it. */
async function sessionNames(app: App, firstEventIds: readonly number[]): Promise<Map<number, string>> {
  const { store } = app.parts.services;
  const names = new Map<number, string>();
  for (let start = 0; start < firstEventIds.length; start += namesAtOnce) {
    const ids = firstEventIds.slice(start, start + namesAtOnce);
    for (const event of await store.call('get_events', { ids, maxChars: 0 }))
      names.set(event.sessionId, `${event.entity ?? event.sourceName}#${event.sessionId}`);
  }
  return names;
}
