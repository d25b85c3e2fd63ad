/** @file A campaign of kills over several workspaces at once: every phase its share, in an order of the seed's. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '../../src/shared/random.ts';
import { makeBase } from './base.ts';
import { Lane, phases, type Phase, type Tally } from './lane.ts';

export type Campaign = {
  folder: string;
  seed: number;
  /** At least so many kills of each phase. */
  leastKills: Record<Phase, number>;
  lanes: number;
  how: 'command' | 'child';
  say: (text: string) => void;
};

const none = (): Record<Phase, number> => ({ import: 0, learn: 0, score: 0, verdicts: 0, export: 0, start: 0 });

export async function runCampaign({ folder, seed, leastKills, lanes, how, say }: Campaign): Promise<Tally> {
  const tally: Tally = { kills: none(), hits: none(), verdicts: 0, givenUp: 0, failures: [] };
  await mkdir(folder, { recursive: true });
  // Compiled once: most of a campaign's time is starting.
  process.env['NODE_COMPILE_CACHE'] = join(folder, 'compiled');
  const base = await makeBase(join(folder, 'base'), how);
  say(`Uninterrupted: ${JSON.stringify(base.tookMs)} ms, ${base.alerts.size} alerts.`);
  const random = new Random(seed);
  const isDone = (): boolean => phases.every((phase) => tally.kills[phase] >= leastKills[phase]);
  const run = async (lane: Lane, name: string): Promise<void> => {
    while (!isDone()) {
      // What lacks the most comes most.
      const lacking = phases.flatMap((phase) =>
        new Array<Phase>(Math.max(0, leastKills[phase] - tally.kills[phase])).fill(phase),
      );
      const phase = random.pick(lacking);
      await lane.run(phase);
      const sum = phases.reduce((total, one) => total + tally.kills[one], 0);
      say(`${name} ${phase}: ${sum} kills ${JSON.stringify(tally.kills)}, ${tally.failures.length} failures`);
    }
    await lane.close();
  };
  const running = Array.from({ length: lanes }, (_, index) => {
    const name = `lane-${index + 1}`;
    return run(new Lane(base, join(folder, name), seed + index + 1, { how, tally, say }), name);
  });
  await Promise.all(running);
  return tally;
}
