/** @file Training a classifier of windows as a job: the trainer's run, the calibration on what was held back, the figures of the test part. */
import { rm } from 'node:fs/promises';
import type { Calibration, Classifier, ClassifierCard } from '../../../shared/classify.ts';
import { AppError, toErrorData } from '../../../shared/errors.ts';
import { classifierShape, classifierTraining } from '../../../shared/recipes.ts';
import type { TrainInput, TrainProgress } from '../../../shared/trainerProtocol.ts';
import { calibrate } from '../../classify/calibrate.ts';
import { prepareTraining } from '../../classify/prepare.ts';
import { noQualityOf, reportOf } from '../../classify/report.ts';
import { tokensOf } from '../../classify/windows.ts';
import type { JobContext } from '../jobs.ts';
import type { Services } from '../services.ts';
import { runTraining } from '../training/runTraining.ts';
import { classifierCheckpoints, classifierDirectory, discardClassifier, readData } from './folders.ts';

/** `classifierId` was added with its windows: a start of the app that finds it untrained goes on with it. */
export async function trainClassifier(
  services: Services,
  { classifierId }: { classifierId: string },
  job: JobContext,
): Promise<string> {
  const { store, host } = services;
  const classifier = (await store.call('list_classifiers', undefined)).find(({ id }) => id === classifierId);
  if (!classifier) throw new AppError('NOT_FOUND', 'The classifier that was to be trained is no longer there.');
  const checkpoints = classifierCheckpoints(services, classifierId);
  if (classifier.state !== 'training') return ended(classifier, checkpoints);
  const curve: TrainProgress[] = [];
  let kept: Classifier;
  try {
    const parts = await readData(services, classifier);
    const { seed, length } = classifier.card;
    const { vocabulary, heldBack, classWeight, fit: _, ...data } = prepareTraining(parts.train, seed);
    const directory = classifierDirectory(services, classifierId);
    const shape = { ...classifierShape, contextLength: length, vocabularySize: vocabulary.size };
    const input: TrainInput = {
      ...classifierTraining,
      ...data,
      directory,
      shape,
      seed,
      intraOpThreads: Math.max(1, host.cores),
      checkpoint: { directory: checkpoints, everyMs: host.checkpointMs },
    };
    const output = await runTraining(services, (trainer, options) => trainer.call('train_classifier', input, options), {
      job,
      curve,
      share: { from: 0.02, to: 0.95 },
    });
    job.update({ step: 'calibrating and testing', share: 0.95, remainingMs: null });
    const logitsOf = async (ids: Int32Array): Promise<Float32Array> => {
      const asked = { directory, ids: tokensOf(ids, vocabulary), length };
      return (await services.engine().call('classify', asked, { signal: job.signal })).logits;
    };
    const calibration = calibrate(await logitsOf(heldBack.ids), heldBack, classWeight);
    const test = parts.test.labels.length > 0 ? reportOf(parts, await logitsOf(parts.test.ids), calibration) : null;
    if (job.signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
    const { files, parameterCount, epochs, bestEpoch, elapsedMs } = output;
    const figures = { shape, parameterCount, epochs, bestEpoch, elapsedMs, calibration, test };
    const card: ClassifierCard = { ...classifier.card, ...figures, noQuality: noQualityOf(parts) };
    const actor = await services.actor();
    kept = await store.call('update_classifier', { id: classifierId, state: 'kept', card, curve, files, actor });
  } catch (error) {
    // The app closes: the next start goes on from the checkpoint.
    if (job.signal.aborted && !job.cancelled.aborted) throw error;
    await discardClassifier(services, classifier, toErrorData(error).message).catch(() => undefined);
    throw error;
  }
  // It is kept: checkpoints that cannot be removed do not take it away again.
  return ended(kept, checkpoints);
}

async function ended(classifier: Classifier, checkpoints: string): Promise<string> {
  await rm(checkpoints, { recursive: true, force: true });
  return outcomeOf(classifier);
}

function outcomeOf({ number, state, card }: Classifier): string {
  if (state === 'failed') throw new AppError('CONFLICT', card.failure ?? 'It did not finish training.');
  const { noQuality, test, calibration, epochs } = card;
  const trained = `Classifier c${number} is trained on ${card.counts.train.windows} windows: ${epochs} epochs. ${calibrationText(calibration)}`;
  if (noQuality !== null || !test) return `${trained} ${noQuality ?? ''}`.trim();
  const share = (value: number | null): string => (value === null ? 'none' : value.toFixed(2));
  const { precision, recall, f1 } = test.classifier;
  return `${trained} On ${test.classifier.windows} test windows precision ${share(precision)}, recall ${share(recall)}, F1 ${share(f1)}.`;
}

function calibrationText(calibration: Calibration | null): string {
  return calibration?.kind === 'platt'
    ? `Calibrated on ${calibration.windows} windows held back.`
    : 'Not calibrated: too few windows of one class were held back.';
}
