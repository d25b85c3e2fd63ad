/** @file The score of every event of a source, as the score job works it out. */
import { scoreEvents, type EventScores } from '../../src/main/app/eventScores.ts';
import type { TestApp } from './app.ts';
import { unwatchedJob } from './job.ts';

export async function scoresOf({ app }: TestApp, sourceId: number): Promise<EventScores> {
  const { services, scoring } = app.parts;
  const source = (await services.store.call('list_sources', undefined)).find(({ id }) => id === sourceId);
  if (!source) throw new Error(`There is no source ${sourceId}.`);
  return scoreEvents(services, scoring, source, unwatchedJob());
}
