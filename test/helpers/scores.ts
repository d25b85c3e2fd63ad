/** @file The score of every line of a source, as the score job works it out. */
import { scoreSource, type ScoredSource } from '../../src/main/app/score.ts';
import { currentThreshold } from '../../src/main/app/thresholds.ts';
import type { TestApp } from './app.ts';
import { unwatchedJob } from './job.ts';

export async function scoresOf({ app }: TestApp, sourceId: number): Promise<ScoredSource> {
  const { services, work } = app.parts;
  const [model, threshold] = await Promise.all([work.modelInUse(), currentThreshold(services)]);
  if (!threshold) throw new Error('There is no threshold.');
  const job = unwatchedJob();
  return scoreSource(services, sourceId, { model, threshold }, job);
}
