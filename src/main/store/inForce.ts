/**
 * @file Changes of what judges: the threshold, the model. What follows from one is in its transaction: known threats stay above the threshold, what it
 * shows or hides is to be folded again, the audit says what it was for, and the scoring that it needs is kept.
 */
import { wantedClassifierKey } from '../../shared/classify.ts';
import type { AlertWindows } from './alertWindows.ts';
import type { Audit } from './audit.ts';
import type { AwaitedLogs } from './awaitedLogs.ts';
import type { StoredJobs } from './jobs.ts';
import type { Memory } from './memory.ts';
import type { Models } from './models.ts';
import type { Repeats } from './repeats.ts';
import type { Retrainings } from './retrainings.ts';
import type { Runs } from './runs.ts';
import type { Settings } from './settings.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { Thresholds } from './thresholds.ts';

export function prepareInForce(
  db: Connection,
  parts: {
    audit: Audit;
    awaited: AwaitedLogs;
    jobs: StoredJobs;
    memory: Memory;
    models: Models;
    repeats: Repeats;
    retrainings: Retrainings;
    runs: Runs;
    settings: Settings;
    thresholds: Thresholds;
    windows: AlertWindows;
  },
) {
  const { audit, awaited, jobs, memory, models, repeats, retrainings, runs, settings, thresholds, windows } = parts;
  /** A change that may move the threshold in force. */
  const moving = <T>(change: () => T): T =>
    inTransaction(db, () => {
      const before = thresholds.current()?.score;
      const outcome = change();
      const now = thresholds.current()?.score;
      if (now === undefined || now === before) return outcome;
      memory.lift();
      if (before === undefined) repeats.foldAllLater();
      else repeats.foldBetweenLater({ from: Math.min(before, now), to: Math.max(before, now) });
      return outcome;
    });

  const inUse = (): string | undefined => models.list().find(({ state }) => state === 'in_use')?.id;
  /** Where another model comes in use by it, that is to score the logs of the one before, and those that this one was to score and has not; or none. */
  const using = <T>(isScoredAgain: boolean, use: () => T): T => {
    const before = inUse();
    const outcome = use();
    const now = inUse();
    if (now === undefined || now === before) return outcome;
    const logs = isScoredAgain && before !== undefined ? runs.list({ modelId: before }) : [];
    const left = isScoredAgain ? awaited.list() : [];
    awaited.begin(
      now,
      [...logs, ...left].map(({ sourceId }) => sourceId),
    );
    return outcome;
  };

  return {
    addThreshold: ({ setting, ...input }: Input<'add_threshold'>): Output<'add_threshold'> =>
      moving(() => {
        if (setting) settings.set({ ...setting, actor: input.actor });
        return thresholds.add(input);
      }),

    useModel: ({ purpose, ...input }: Input<'use_model'>): Output<'use_model'> =>
      moving(() => {
        const { modelId, actor } = input;
        const used = using(Boolean(purpose?.scoring), () => models.use(input));
        if (purpose?.kind === 'roll_back') {
          const details = { from: purpose.from };
          audit.append({ action: 'model.rolled_back', subject: modelId, details, actor });
        } else if (purpose?.kind === 'withdraw_classifier') {
          const { classifierId, from } = purpose;
          settings.set({ key: wantedClassifierKey, value: null, actor });
          const details = { from, to: modelId };
          audit.append({ action: 'classifier.withdrawn', subject: classifierId, details, actor });
        }
        if (purpose?.scoring) jobs.add(purpose.scoring);
        return used;
      }),

    adoptModel: (input: Input<'adopt_model'>): Output<'adopt_model'> =>
      moving(() => {
        const { threshold, isUsed, classifierId, added, verdictNumber = null, ...model } = input;
        const { id: modelId, actor } = model;
        if (verdictNumber !== null && windows.newestVerdict() !== verdictNumber) return { isAdopted: false };
        if (added) models.add({ ...added, actor });
        models.update({ ...model, state: 'kept' });
        thresholds.add({ threshold, actor });
        // The job that brings or takes a classifier goes on with scoring; what is learned anew begins with nothing.
        if (isUsed) using(classifierId !== undefined, () => models.use({ modelId, actor }));
        if (classifierId !== undefined) {
          settings.set({ key: wantedClassifierKey, value: classifierId, actor });
          const action = classifierId === null ? 'classifier.withdrawn' : 'classifier.adopted';
          audit.append({ action, subject: classifierId ?? modelId, details: { modelId }, actor });
        }
        return { isAdopted: true };
      }),

    adoptRetraining: ({ scoring, ...input }: Input<'adopt_retraining'>): Output<'adopt_retraining'> =>
      moving(() => {
        const adopted = using(scoring !== null, () => retrainings.adopt(input));
        if (adopted.isAdopted && scoring) jobs.add(scoring);
        return adopted;
      }),
  };
}
