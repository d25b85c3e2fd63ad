/** @file Kills while a classifier is trained on verdicts, and while it comes in use as a detector. */
import { settled } from '../base.ts';
import { checkWorkspace, reading } from '../checks.ts';
import type { KilledApp } from '../killed.ts';
import type { Lane } from '../lane.ts';
import { standingVerdicts } from '../verdicts.ts';

/** Events of a window: what the model's context allows. */
const windowLength = 6;

export async function killClassifier(lane: Lane): Promise<string[]> {
  const { workspace, modelId } = await lane.base.judged();
  const app = lane.copyOf(workspace);
  const standing = standingVerdicts(app.workspace).join();
  let classifierId = '';
  const trained = await lane.killInJob('classify', { app, tookMs: null }, async (serving) => {
    const started = await serving.ask('classifiers.train_verdicts', { length: windowLength });
    classifierId = started.classifierId;
    return started.jobId;
  });
  const wrong = await checkWorkspace(app.workspace);
  if (lane.isGivenUp(app, trained.jobId)) return wrong;
  const training = trained.jobs.find(({ id }) => id === trained.jobId);
  if (training && training.state !== 'done') wrong.push(`its training ended as ${training.state}: ${training.error}`);
  wrong.push(...lane.base.differs('files of the classifier', classifierFiles(app)));

  const used = await lane.killInJob('classify', { app, tookMs: null }, async (serving) => {
    return (await serving.ask('classifiers.use', { classifierId })).jobId;
  });
  wrong.push(...(await checkWorkspace(app.workspace)));
  if (standingVerdicts(app.workspace).join() !== standing) wrong.push('other verdicts stand after it');
  if (lane.isGivenUp(app, used.jobId)) return wrong;
  const serving = await app.open();
  await settled(serving);
  const inUse = (await serving.ask('models.list', {})).find(({ state }) => state === 'in_use')?.id;
  const [found] = await serving.ask('classifiers.list', {});
  const judges = found?.use?.state === 'in_use';
  const job = used.jobs.find(({ id }) => id === used.jobId);
  // Its gate may be against it: that is said, and nothing is changed.
  const isUsed = inUse !== modelId;
  if (job && (job.state === 'done') !== isUsed) wrong.push(`coming in use ended as ${job.state}: ${job.error}`);
  if (judges !== isUsed)
    wrong.push(`the classifier ${judges ? 'judges' : 'does not judge'}, with another model in use or not`);
  wrong.push(...lane.base.differs('whether the classifier is in use', String(isUsed)));
  const judged = await serving.ask('thresholds.runs', {});
  if (judged.length === 0) wrong.push('the model in use has judged no log, and no job does it');
  return wrong;
}

function classifierFiles({ workspace }: KilledApp): string {
  return reading(
    workspace,
    (db) => db.prepare<[], string>('SELECT files FROM classifier ORDER BY number DESC LIMIT 1').pluck().get() ?? '',
  );
}
