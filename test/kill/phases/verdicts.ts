/** @file Kills while verdicts are given, taken back and put back. */
import { settled } from '../base.ts';
import { checkWorkspace } from '../checks.ts';
import type { Lane } from '../lane.ts';
import { Verdicts, standingVerdicts } from '../verdicts.ts';
import { sleep } from '../victim.ts';

export async function killVerdicts(lane: Lane): Promise<string[]> {
  const { own: app, random, tally } = lane;
  const serving = await app.open();
  const verdicts = new Verdicts(standingVerdicts(app.workspace));
  const giving = verdicts.giveUntilGone(serving, random).catch(() => undefined);
  for (const untilMs = Date.now() + 10_000; verdicts.acknowledged === 0 && Date.now() < untilMs;) await sleep(5);
  await sleep(random.between(0, 600));
  if (verdicts.acknowledged > 0) tally.hits.verdicts++;
  await lane.kill('verdicts', app);
  await giving;
  tally.verdicts += verdicts.acknowledged;
  const wrong = verdicts.check(standingVerdicts(app.workspace));
  await settled(await app.open());
  wrong.push(...verdicts.check(standingVerdicts(app.workspace)), ...(await checkWorkspace(app.workspace)));
  return wrong;
}
