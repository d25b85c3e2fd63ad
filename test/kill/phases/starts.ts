/** @file Kills as the app comes up: by turns with a job to go on with, and with a schema to migrate. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeOldWorkspace, oldEvents, settled } from '../base.ts';
import { checkWorkspace, reading } from '../checks.ts';
import type { Lane } from '../lane.ts';
import { standingVerdicts } from '../verdicts.ts';
import { killNow, serve, sleep, spawnServing } from '../victim.ts';

export async function killStart(lane: Lane): Promise<string[]> {
  const { own: app, random, base } = lane;
  if (random.chance(0.5)) return killMigration(lane);
  const serving = await app.open();
  const standing = standingVerdicts(app.workspace);
  await serving.ask('score.start', { sourceIds: [base.watchedId] });
  await app.kill();
  for (let count = random.integer(1, 3); count > 0; count--) await killStarting(lane, app.workspace);
  await settled(await app.open());
  const wrong = await checkWorkspace(app.workspace);
  if (standingVerdicts(app.workspace).join() !== standing.join()) wrong.push('other verdicts stand after the start');
  return wrong;
}

async function killMigration(lane: Lane): Promise<string[]> {
  const old = join(lane.folder, `old-${lane.count}`);
  makeOldWorkspace(old);
  for (let count = lane.random.integer(1, 3); count > 0; count--) await killStarting(lane, old);
  const serving = await serve(old, lane.how);
  const wrong: string[] = [];
  const [source] = await serving.ask('sources.list', {});
  if (source?.lineCount !== oldEvents) wrong.push(`the old log has ${source?.lineCount} lines`);
  await serving.kill();
  wrong.push(...(await checkWorkspace(old)));
  const count = reading(old, (db) => db.prepare('SELECT count(*) FROM event').pluck().get());
  if (count !== oldEvents) wrong.push(`the old log has ${String(count)} events`);
  rmSync(old, { recursive: true, force: true });
  return wrong;
}

async function killStarting({ random, tally, base, how }: Lane, workspace: string): Promise<void> {
  const starting = spawnServing(workspace, how);
  let link = false;
  starting.stdout?.once('data', () => (link = true));
  await sleep(random.between(0, base.tookMs.start * 1.2));
  if (!link) tally.hits.start++;
  await killNow(starting);
  tally.kills.start++;
}
