/** @file Kills while a file is attached to a case or taken out of it, and while a bundle is read in. */
import { createHash } from 'node:crypto';
import { AppError } from '../../../src/shared/errors.ts';
import { checkWorkspace, reading } from '../checks.ts';
import type { KilledApp } from '../killed.ts';
import type { Lane } from '../lane.ts';
import { outlineOf } from '../sender.ts';

type Attached = { id: string; name: string; sha256: string };

function attachmentsOf({ workspace }: KilledApp, caseId: string): Attached[] {
  return reading(workspace, (db) =>
    db
      .prepare<[string], Attached>(
        `SELECT attachment.id, attachment.name, sha256 FROM attachment JOIN case_file ON case_file.number = case_number
         WHERE case_file.id = ? ORDER BY attachment.id`,
      )
      .all(caseId),
  );
}

/** Now and then one that has the content of another. */
export async function killAttaching(lane: Lane): Promise<string[]> {
  const { own: app, random, base } = lane;
  const { caseId, tookMs } = base;
  const serving = await app.open();
  const before = attachmentsOf(app, caseId);
  const content = Buffer.alloc(random.integer(0, 12_000_000), `attached ${random.integer(1, 6)} `);
  const name = `attached-${lane.count}.bin`;
  const sha256 = createHash('sha256').update(content).digest('hex');
  // Half of them come when it was answered.
  const asked = { app, tookMs: tookMs.attach * 4 };
  const isRemoved = before.length > 0 && random.chance(0.4);
  const { id: attachmentId = '' } = isRemoved ? random.pick(before) : {};
  const { token } = isRemoved ? { token: '' } : await serving.upload(name, content);
  const answered = await lane.killInRequest('attach', asked, (it) =>
    isRemoved ? it.ask('cases.remove_attachment', { caseId, attachmentId }) : it.ask('cases.attach', { caseId, token }),
  );
  await app.open();
  const wrong = await checkWorkspace(app.workspace);
  const found = attachmentsOf(app, caseId);
  const lost = before.filter(({ id }) => !found.some((one) => one.id === id));
  const added = found.filter(({ id }) => !before.some((one) => one.id === id));
  const isDone = isRemoved ? lost.length === 1 : added.length === 1;
  if (answered && !isDone)
    wrong.push(`${isRemoved ? 'taking out' : 'attaching'} ${name} was acknowledged and is not so`);
  if (lost.some(({ id }) => id !== attachmentId)) wrong.push(`${lost.length} attachments are lost`);
  if (added.length > (isRemoved ? 0 : 1) || added.some((one) => one.name !== name || one.sha256 !== sha256))
    wrong.push(`after ${name} these came: ${JSON.stringify(added)}`);
  return wrong;
}

/** A case of another workspace: it is here whole or not at all, and can be read in then, once. */
export async function killBundle(lane: Lane): Promise<string[]> {
  const { base } = lane;
  const { bytes, outline, tookMs } = await base.bundle();
  const app = lane.copyOf(base.workspace);
  const { token } = await (await app.open()).upload('case.surprisal.zip', bytes);
  const answered = await lane.killInRequest('bundle', { app, tookMs }, (it) => it.ask('bundles.import', { token }));
  const serving = await app.open();
  const wrong = await checkWorkspace(app.workspace);
  const isHere = (await serving.ask('cases.list', {})).some(({ id }) => id === outline.caseId);
  if (answered && !isHere) wrong.push('a bundle whose import was acknowledged is not here');
  const again = await serving.upload('case.surprisal.zip', bytes);
  const refusal = await serving.ask('bundles.import', { token: again.token }).then(
    () => null,
    (error: unknown) => error,
  );
  const isKnown = refusal instanceof AppError && refusal.code === 'CONFLICT';
  if (isHere ? !isKnown : refusal !== null)
    wrong.push(`read in again where it is ${isHere ? '' : 'not '}here, the bundle ended with ${String(refusal)}`);
  const found = JSON.stringify(await outlineOf(serving, outline.caseId));
  if (found !== JSON.stringify(outline)) wrong.push(`the case came as ${found}, and was ${JSON.stringify(outline)}`);
  await app.kill();
  // What was refused stays as it was offered until the app begins again.
  await app.open();
  wrong.push(...(await checkWorkspace(app.workspace)));
  return wrong;
}
