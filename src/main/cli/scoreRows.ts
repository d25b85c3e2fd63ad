/** @file The rows of the `score` command: one per line of the file, in order; a line without an event says why it has none. */
import type { App } from '../app/createApp.ts';
import { eventOfLines } from '../app/eventLines.ts';
import { scoreEvents } from '../app/eventScores.ts';
import type { JobContext } from '../app/jobs.ts';
import type { Source } from '../../shared/sources.ts';
import { RowWriter } from './rows.ts';

/** The smallest p a row can say; its score keeps growing beyond. */
const leastP = Number.MIN_VALUE;
const namesAtOnce = 1000;

export type RowCounts = { lines: number; events: number; alerts: number; alertLines: number; overCount: number };

/** Scores a source and writes its rows. */
export async function scoreToRows(
  app: App,
  input: { source: Source; path: string; outputPath: string },
  job: JobContext,
): Promise<RowCounts> {
  const { services, texts, scoring } = app.parts;
  const { source } = input;
  const lines = source.lineCount;
  const events = await scoreEvents(services, scoring, source, job);
  const textOf = await texts.of([...events.exampleOf.keys()], events.exampleOf);
  const sessionOf = await sessionNames(app, [...events.firstOf.values()]);
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
    const isAlert = score >= events.thresholdScore;
    if (isAlert) alertLines++;
    await rows.write({
      line,
      score: events.bits[place],
      p: pOf(score),
      alert: isAlert,
      ...(isAlert ? { detector: events.detectorOf.get(place) } : {}),
      template: textOf(events.templateIndexes[place] ?? 0),
      session: sessionOf.get(events.sessionIds[place] ?? 0) ?? null,
    });
  }
  await rows.close();
  const { eventCount, alertCount, overCount } = events;
  return { lines, events: eventCount, alerts: alertCount, alertLines, overCount };
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
