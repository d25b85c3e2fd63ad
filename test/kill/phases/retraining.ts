/** @file Kills in a retraining, in the adoption of what it proposes, and on the way back. */
import { settled, weightsOf } from '../base.ts';
import { checkWorkspace } from '../checks.ts';
import type { KilledApp } from '../killed.ts';
import type { Lane } from '../lane.ts';
import { standingVerdicts } from '../verdicts.ts';

/** Adopting takes about so long, with the beginning of the scoring behind it. */
const decidingMs = 1500;

export async function killRetraining(lane: Lane): Promise<string[]> {
  const { modelId: before, workspace } = await lane.base.judged();
  const app = lane.copyOf(workspace);
  const standing = standingVerdicts(app.workspace).join();
  const { jobs, jobId } = await lane.killInJob('retrain', { app, tookMs: null }, async (serving) => {
    return (await serving.ask('retrain.start', { seed: 1 })).jobId;
  });
  const wrong = await checkWorkspace(app.workspace);
  if (standingVerdicts(app.workspace).join() !== standing) wrong.push('other verdicts stand after it');
  if ((await modelInUse(app)) !== before) wrong.push('it came in use though nobody adopted it');
  if (lane.isGivenUp(app, jobId)) return wrong;
  const job = jobs.find(({ id }) => id === jobId);
  // A start that finds it proposed has no job to go on with.
  if (job && job.state !== 'done') wrong.push(`the retraining ended as ${job.state}: ${job.error}`);
  const proposed = await (await app.open()).ask('retrain.list', {});
  const [{ modelId, state } = { modelId: '', state: 'none' }] = proposed;
  if (proposed.length !== 1 || state !== 'proposed')
    return [...wrong, `retraining once left ${JSON.stringify(proposed.map((one) => one.state))}`];
  wrong.push(...lane.base.differs('weights of the retrained model', weightsOf(app.workspace, modelId)));
  wrong.push(...(await decided(lane, app, { modelId, before })));
  if (standingVerdicts(app.workspace).join() !== standing) wrong.push('other verdicts stand after its adoption');
  return wrong;
}

/** Adopted and gone back from, each with a kill. */
async function decided(
  lane: Lane,
  app: KilledApp,
  { modelId, before }: { modelId: string; before: string },
): Promise<string[]> {
  const asked = { app, tookMs: decidingMs };
  const adopt = async (): Promise<unknown> => {
    const serving = await app.open();
    // What its gate says now: words that do not fit are refused.
    await serving.ask('retrain.adopt', { modelId, override: '?' }).catch(() => undefined);
    const { overrideSentence: override, state } = await serving.ask('retrain.get', { modelId });
    return state === 'adopted' ? null : serving.ask('retrain.adopt', { modelId, override });
  };
  const wrong: string[] = [];
  const adopted = await lane.killInRequest('retrain', asked, adopt);
  await settled(await app.open());
  wrong.push(...(await checkDecision(app, { modelId, before, wanted: adopted ? modelId : null })));
  await adopt();
  await settled(await app.open());
  wrong.push(...(await checkDecision(app, { modelId, before, wanted: modelId })));
  const back = await lane.killInRequest('retrain', asked, (serving) => serving.ask('retrain.rollback', {}));
  await settled(await app.open());
  wrong.push(...(await checkDecision(app, { modelId, before, wanted: back ? before : null })));
  return wrong;
}

/** One of both is in use, with its threshold, and has judged what the other had. `wanted` null: whichever. */
async function checkDecision(
  app: KilledApp,
  { modelId, before, wanted }: { modelId: string; before: string; wanted: string | null },
): Promise<string[]> {
  const wrong = await checkWorkspace(app.workspace);
  const serving = await app.open();
  const inUse = await modelInUse(app);
  if (inUse !== modelId && inUse !== before) wrong.push(`neither model is in use, but ${inUse}`);
  if (wanted !== null && inUse !== wanted) wrong.push('a decision that was acknowledged is gone');
  const { state } = await serving.ask('retrain.get', { modelId });
  if (inUse === modelId && state !== 'adopted') wrong.push(`it is in use and ${state}`);
  const threshold = (await serving.ask('thresholds.list', {})).find(({ isCurrent }) => isCurrent);
  if (threshold?.modelId !== inUse) wrong.push('the threshold is of another model than the one in use');
  const judged = await serving.ask('thresholds.runs', {});
  if (judged.length === 0) wrong.push('the model in use has judged no log, and no job does it');
  return wrong;
}

async function modelInUse(app: KilledApp): Promise<string | undefined> {
  const models = await (await app.open()).ask('models.list', {});
  return models.find(({ state }) => state === 'in_use')?.id;
}
