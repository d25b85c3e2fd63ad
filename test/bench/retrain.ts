/**
 * @file Retraining on 500 verdicts, and the replay of every event of a log as a stored alert, over the made-up office. Scores and votes of the alerts are
 * made up, their windows are those of the log.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replayAlerts } from '../../src/main/app/retraining/replay.ts';
import type { TestApp } from '../helpers/app.ts';
import type { Figures } from './main.ts';
import { openRetrainable } from './retrainable.ts';

export async function benchRetrain(lines: number): Promise<Figures> {
  const work = await mkdtemp(join(tmpdir(), 'surprisal-retrain-'));
  const workspace = join(work, 'workspace');
  try {
    const { test, alerts } = await openRetrainable(workspace, lines);
    try {
      const startedAt = performance.now();
      const { finished } = await test.app.parts.work.startRetraining();
      const job = await finished;
      if (job.state !== 'done') throw new Error(job.error ?? job.state);
      const seconds = (performance.now() - startedAt) / 1000;
      const [retraining] = await test.ask('retrain.list', {});
      if (!retraining) throw new Error('Nothing was proposed.');
      const { report } = retraining;
      const replayed = await replayAgain(test, retraining.modelId);
      const adopting = performance.now();
      await test.app.parts.proposals.adopt(retraining.modelId, retraining.overrideSentence);
      const adopted = performance.now();
      await test.app.parts.proposals.rollBack();
      const figureOf = (id: string): number => report.checks.find((check) => check.id === id)?.after.value ?? NaN;
      return {
        alerts,
        distinct_windows: report.replay.distinctWindows,
        replay_seconds: report.replay.elapsedMs / 1000,
        ...replayed,
        verdicts: report.learned.threats + report.learned.harmless + report.heldOut.threats + report.heldOut.harmless,
        retraining_seconds: seconds,
        adopt_seconds: (adopted - adopting) / 1000,
        roll_back_seconds: (performance.now() - adopted) / 1000,
        reward_before: report.epochs[0]?.reward ?? NaN,
        reward_after: report.epochs[report.keptEpoch]?.reward ?? NaN,
        normal_bits_before: report.checks.find(({ id }) => id === 'likelihood')?.before?.value ?? NaN,
        normal_bits_after: figureOf('likelihood'),
        false_alarm_rate_at_1_percent: figureOf('false_alarms'),
        rank_correlation: figureOf('ranks'),
      };
    } finally {
      await test.close();
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Apart from all else, with the processor time of all threads. */
async function replayAgain({ app }: TestApp, modelId: string): Promise<Figures> {
  const { services, models } = app.parts;
  const model = await models.of(modelId);
  if (!model) throw new Error('The model is gone.');
  const templates = await services.store.call('list_templates', undefined);
  const [cpu, startedAt] = [process.cpuUsage(), performance.now()];
  await replayAlerts(services, model, {
    templates: new Map(templates.map((template) => [template.index, template])),
    decidedOnly: false,
    version: { taught: null, budgetScore: 0 },
    signal: new AbortController().signal,
    onAlert: () => undefined,
  });
  const { user, system } = process.cpuUsage(cpu);
  return {
    replay_again_seconds: (performance.now() - startedAt) / 1000,
    replay_again_processor_seconds: (user + system) / 1e6,
  };
}
