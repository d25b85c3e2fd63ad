/** @file The score of every event of a source, as the score job works it out. */
import type { ScoredSource } from '../../src/main/app/score.ts';
import type { TestApp } from './app.ts';

/** By the event's place in the source; `sessionIds` are those of its events. */
export type EventScores = ScoredSource & { bits: Float64Array; scores: Float64Array; sessionIds: Float64Array };

export async function scoresOf({ app }: TestApp, sourceId: number): Promise<EventScores> {
  const { services, work } = app.parts;
  const { signal } = new AbortController();
  const job = { signal, cancelled: signal, update: () => undefined };
  const keys = await services.store.call('read_keys', { sourceId, afterEventId: 0, limit: 1_000_000 });
  const first = keys.eventIds[0] ?? 0;
  const [bits, scores] = [new Float64Array(keys.eventIds.length), new Float64Array(keys.eventIds.length)];
  const scored = await work.scoreSource(sourceId, job, (eventId, eventBits, score) => {
    bits[eventId - first] = eventBits;
    scores[eventId - first] = score;
  });
  return { ...scored, bits, scores, sessionIds: keys.sessionIds };
}
