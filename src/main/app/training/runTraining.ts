/** @file One training run in a trainer process of its own, watched as part of a job: progress, the loss curve, pausing, and words for its end. */
import { AppError } from '../../../shared/errors.ts';
import { connectPort, type Client } from '../../../shared/port.ts';
import type { TrainerMethods, TrainProgress } from '../../../shared/trainerProtocol.ts';
import { giveWayMs } from '../analystActs.ts';
import type { JobContext } from '../jobs.ts';
import type { Services } from '../services.ts';

type Options<P> = { signal: AbortSignal; onProgress: (progress: P) => void };

/** Asks a trainer process of its own for one run that can be paused from its first progress on; words for its end. */
export async function runInTrainer<O, P>(
  services: Services,
  call: (trainer: Client<TrainerMethods>, options: Options<P>) => Promise<O>,
  { job, onProgress }: { job: JobContext; onProgress: (progress: P) => void },
): Promise<O> {
  const trainer = services.host.startTrainer();
  const client = connectPort<TrainerMethods>(trainer.port, 'trainer');
  // Gone, or not training yet: there is nobody to give way.
  const stopListening = services.analystActs.listen(
    () => void client.call('give_way', { forMs: giveWayMs }).catch(() => undefined),
  );
  let isTraining = false;
  const heard = (progress: P): void => {
    if (!isTraining) {
      isTraining = true;
      job.setPausing({
        pause: () => client.call('pause', undefined),
        resume: () => client.call('resume', undefined),
      });
    }
    onProgress(progress);
  };
  try {
    return await call(client, { signal: job.signal, onProgress: heard });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'PROCESS_GONE') throw error;
    throw new AppError(
      'PROCESS_GONE',
      `${error.message}. Nothing was learned; learn again. If it ends again, this machine may be short of memory.`,
      { cause: error },
    );
  } finally {
    stopListening();
    job.setPausing(null);
    await trainer.kill();
  }
}

/** `call` asks for the run. `curve` is extended by the last point of each epoch and the newest. `share` is what of the job's bar training fills. */
export async function runTraining<O>(
  services: Services,
  call: (trainer: Client<TrainerMethods>, options: Options<TrainProgress>) => Promise<O>,
  { job, curve, share }: { job: JobContext; curve: TrainProgress[]; share: { from: number; to: number } },
): Promise<O> {
  job.setCurve(curve);
  job.update({ step: 'starting the trainer', share: share.from, lineCount: null, linesPerSecond: null });
  const onProgress = (progress: TrainProgress): void => {
    addPoint(curve, progress);
    const done = (progress.epoch - 1 + progress.step / Math.max(1, progress.stepsPerEpoch)) / progress.maxEpochs;
    job.update({
      step: `training, epoch ${progress.epoch} of at most ${progress.maxEpochs}${beginningOf(progress)}${skippedOf(progress)}`,
      share: share.from + (share.to - share.from) * Math.min(1, done),
      remainingMs: done > 0.02 ? (progress.elapsedMs / done) * (1 - done) : null,
      training: progress,
    });
  };
  return runInTrainer(services, call, { job, onProgress });
}

/** A point of the same epoch takes the place of the one before it, unless validation was done between them. */
function addPoint(curve: TrainProgress[], progress: TrainProgress): void {
  const last = curve.at(-1);
  if (last && last.epoch === progress.epoch && last.validationBits === progress.validationBits) curve.pop();
  curve.push(progress);
}

function skippedOf({ skippedSteps }: TrainProgress): string {
  if (skippedSteps === 0) return '';
  return skippedSteps === 1
    ? ', 1 step skipped: its gradients were not finite'
    : `, ${skippedSteps} steps skipped: their gradients were not finite`;
}

/** Where the run began, if that was not at its beginning or should not have been, and what it runs on, if that was not meant. */
function beginningOf({ resumedFromStep, refusedCheckpoints, providerFailure, provider }: TrainProgress): string {
  const where = providerFailure === null ? '' : `, on the ${provider === 'cpu' ? 'CPU' : 'GPU'}: ${providerFailure}`;
  if (resumedFromStep !== null) return `, went on from step ${resumedFromStep}${where}`;
  return (refusedCheckpoints > 0 ? ', begun again: what was left of it did not fit' : '') + where;
}
