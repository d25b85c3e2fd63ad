/** @file A workspace whose alerts were decided, for what learns from verdicts. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Serving } from '../helpers/serving.ts';
import { done, type Base } from './base.ts';
import { KilledApp, type How } from './killed.ts';
import { sleep } from './victim.ts';

const longestMs = 120_000;

export type Judged = { workspace: string; modelId: string };

export async function makeJudged(
  base: Pick<Base, 'workspace' | 'watchedId'>,
  folder: string,
  how: How,
): Promise<Judged> {
  const app = new KilledApp(join(folder, 'judged'), how);
  cpSync(base.workspace, app.workspace, { recursive: true });
  try {
    return { workspace: app.workspace, modelId: await judge(await app.open(), base) };
  } finally {
    await app.kill();
  }
}

/** By an analyst who takes every second kind of line for a threat: enough of both classes. Gives the model that judged. */
async function judge(serving: Serving, { watchedId }: Pick<Base, 'watchedId'>): Promise<string> {
  await serving.ask('thresholds.set_budget', { budget: { alerts: 1000, per: '100k' } });
  await done(serving, serving.ask('score.start', { sourceIds: [watchedId] }));
  const { rows } = await serving.ask('alerts.list', { limit: 1000 });
  const kinds = [...new Set(rows.map(({ template }) => template))].sort();
  for (const value of ['true_positive', 'false_positive_logic'] as const) {
    const own = rows.filter(({ template }) => (kinds.indexOf(template) % 2 === 0) === (value === 'true_positive'));
    const ids = own.map(({ id }) => id);
    await serving.ask('verdicts.give_many', { selection: { kind: 'ids', ids }, value });
  }
  await learned(serving);
  return (await serving.ask('models.list', {})).find(({ state }) => state === 'in_use')?.id ?? '';
}

/** What verdicts teach comes a moment later, whole or with a part that waits for a word: once it stands, every copy learns from the same. */
async function learned(serving: Serving): Promise<void> {
  const untilMs = Date.now() + longestMs;
  for (let version = 0, still = 0; still < 20; await sleep(200)) {
    const current = (await serving.ask('thresholds.list', {})).find(({ isCurrent }) => isCurrent);
    const isLearned = current?.isTaught === true || (await serving.ask('learning.pending', {})).length > 0;
    still = isLearned && current?.version === version ? still + 1 : 0;
    version = current?.version ?? 0;
    if (Date.now() > untilMs) throw new Error(`Nothing was learned from the verdicts: ${JSON.stringify(current)}`);
  }
}
