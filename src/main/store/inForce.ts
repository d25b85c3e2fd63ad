/**
 * @file Changes of what judges: the threshold, the model. What follows from one is in its transaction: known threats stay above the threshold, what it
 * shows or hides is to be folded again, the audit says what it was for, and the scoring that it needs is kept.
 */
import { wantedClassifierKey } from '../../shared/classify.ts';
import type { AlertWindows } from './alertWindows.ts';
import type { Audit } from './audit.ts';
import type { StoredJobs } from './jobs.ts';
import type { Memory } from './memory.ts';
import type { Models } from './models.ts';
import type { Repeats } from './repeats.ts';
import type { Retrainings } from './retrainings.ts';
import type { Settings } from './settings.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { Thresholds } from './thresholds.ts';

export function prepareInForce(
  db: Connection,
  parts: {
    audit: Audit;
    jobs: StoredJobs;
    memory: Memory;
    models: Models;
    repeats: Repeats;
    retrainings: Retrainings;
    settings: Settings;
    thresholds: Thresholds;
    windows: AlertWindows;
  },
) {
  const { audit, jobs, memory, models, repeats, retrainings, settings, thresholds, windows } = parts;
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

  return {
    addThreshold: ({ setting, ...input }: Input<'add_threshold'>): Output<'add_threshold'> =>
      moving(() => {
        if (setting) settings.set({ ...setting, actor: input.actor });
        return thresholds.add(input);
      }),

    useModel: ({ purpose, ...input }: Input<'use_model'>): Output<'use_model'> =>
      moving(() => {
        const { modelId, actor } = input;
        const used = models.use(input);
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
        if (isUsed) models.use({ modelId, actor });
        if (classifierId !== undefined) {
          settings.set({ key: wantedClassifierKey, value: classifierId, actor });
          const action = classifierId === null ? 'classifier.withdrawn' : 'classifier.adopted';
          audit.append({ action, subject: classifierId ?? modelId, details: { modelId }, actor });
        }
        return { isAdopted: true };
      }),

    adoptRetraining: ({ scoring, ...input }: Input<'adopt_retraining'>): Output<'adopt_retraining'> =>
      moving(() => {
        const adopted = retrainings.adopt(input);
        if (adopted.isAdopted && scoring) jobs.add(scoring);
        return adopted;
      }),
  };
}
