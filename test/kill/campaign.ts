/** @file A campaign of kills over several workspaces at once: every phase its share, in an order of the seed's. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '../../src/shared/random.ts';
import { makeGround } from './ground.ts';
import type { How } from './killed.ts';
import { Lane, type Tally } from './lane.ts';
import { phaseNames, type Phase } from './phases.ts';

export type Campaign = {
  folder: string;
  seed: number;
  /** At least so many kills of each phase; none of what is not named. */
  leastKills: Partial<Record<Phase, number>>;
  lanes: number;
  how: How;
  say: (text: string) => void;
};

const none = (): Record<Phase, number> =>
  Object.fromEntries(phaseNames.map((phase) => [phase, 0])) as Record<Phase, number>;

export async function runCampaign({ folder, seed, leastKills, lanes, how, say }: Campaign): Promise<Tally> {
  const tally: Tally = { kills: none(), hits: none(), verdicts: 0, givenUp: 0, failures: [] };
  await mkdir(folder, { recursive: true });
  // Compiled once: most of a campaign's time is starting.
  process.env['NODE_COMPILE_CACHE'] = join(folder, 'compiled');
  const ground = await makeGround(folder, how, say);
  const random = new Random(seed);
  // What lacks the most comes most.
  const lacking = (): Phase[] =>
    phaseNames.flatMap((phase) =>
      new Array<Phase>(Math.max(0, (leastKills[phase] ?? 0) - tally.kills[phase])).fill(phase),
    );
  const run = async (lane: Lane, name: string): Promise<void> => {
    for (let left = lacking(); left.length > 0; left = lacking()) {
      const phase = random.pick(left);
      await lane.run(phase);
      const sum = phaseNames.reduce((total, one) => total + tally.kills[one], 0);
      say(`${name} ${phase}: ${sum} kills ${JSON.stringify(tally.kills)}, ${tally.failures.length} failures`);
    }
    await lane.close();
  };
  const running = Array.from({ length: lanes }, (_, index) => {
    const name = `lane-${index + 1}`;
    return run(new Lane(ground, join(folder, name), seed + index + 1, { how, tally, say }), name);
  });
  await Promise.all(running);
  return tally;
}
