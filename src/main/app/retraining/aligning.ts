/** @file Training by reward as part of a job: its live curves, pausing, and what it learns from kept beside it, so that a later start goes on with the same. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AlignInput, AlignOutput, AlignProgress } from '../../../shared/alignProtocol.ts';
import type { RetrainProgress } from '../../../shared/retraining.ts';
import type { LabelledSplit } from './plan.ts';
import type { JobContext } from '../jobs.ts';
import { modelDirectory, type Services } from '../services.ts';
import { runInTrainer } from '../training/runTraining.ts';
import { writeWhole } from '../wholeFile.ts';

/** Token ids only. */
export type Lesson = { split: LabelledSplit; replay: number[][]; threshold: number; verdictNumber?: number };

const lessonFile = 'lesson.json';

/** What an earlier start of the app had put together, or what `make` does: kept before training begins. */
export async function keptLesson(services: Services, modelId: string, make: () => Promise<Lesson>): Promise<Lesson> {
  const path = join(modelDirectory(services, modelId), lessonFile);
  const kept = await readFile(path, 'utf8').catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept) as Lesson;
  const lesson = await make();
  await writeWhole(path, JSON.stringify(lesson));
  return lesson;
}

export function removeLesson(services: Services, modelId: string): Promise<void> {
  return rm(join(modelDirectory(services, modelId), lessonFile), { force: true });
}

export function runAligning(
  services: Services,
  input: AlignInput,
  { job, share }: { job: JobContext; share: { from: number; to: number } },
): Promise<AlignOutput> {
  job.update({ step: 'starting the trainer', share: share.from, lineCount: null, linesPerSecond: null });
  const shown: RetrainProgress = { epochs: [], maxEpochs: input.epochs, step: 0, stepsPerEpoch: 0, running: null };
  const onProgress = (progress: AlignProgress): void => {
    const { epoch, epochs, step, stepsPerEpoch, running, finished, elapsedMs } = progress;
    if (finished !== null) shown.epochs = [...shown.epochs.filter((one) => one.epoch !== finished.epoch), finished];
    // What the model is like before any step is looked at first.
    const done = (Math.max(0, epoch - 1) + step / Math.max(1, stepsPerEpoch)) / epochs;
    const isUnderWay = finished === null && running !== null;
    job.update({
      step:
        epoch === 0
          ? 'looking at what the model makes of the verdicts'
          : `learning from verdicts, epoch ${epoch} of ${epochs}${beginningOf(progress)}`,
      share: share.from + (share.to - share.from) * Math.min(1, done),
      remainingMs: done > 0.02 ? (elapsedMs / done) * (1 - done) : null,
      retraining: {
        ...shown,
        step,
        stepsPerEpoch,
        running: isUnderWay ? { epoch: epoch - 1 + step / Math.max(1, stepsPerEpoch), reward: running } : null,
      },
    });
  };
  return runInTrainer(services, (trainer, options) => trainer.call('align', input, options), { job, onProgress });
}

function beginningOf({ resumedFromStep, refusedCheckpoints }: AlignProgress): string {
  if (resumedFromStep !== null) return `, went on from step ${resumedFromStep}`;
  return refusedCheckpoints > 0 ? ', begun again: what was left of it did not fit' : '';
}
