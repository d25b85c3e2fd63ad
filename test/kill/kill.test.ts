/** @file The short form of `npm run test:kill`: a few kills of some phases, others each time. Catches what is lost, doubled or half after a kill. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Random } from '../../src/shared/random.ts';
import { fileFolder } from '../helpers/folders.ts';
import { runCampaign } from './campaign.ts';
import type { Phase } from './phases.ts';

/** Each run has one of each: all of them would take too long. */
const byTurns: readonly (readonly Phase[])[] = [
  ['learn', 'score', 'start', 'retrain', 'classify'],
  ['attach', 'bundle', 'send'],
];

it('a kill at a random moment loses nothing, doubles nothing and leaves nothing half', async () => {
  const seed = Date.now() % 1_000_000;
  const random = new Random(seed);
  const chosen = byTurns.map((phases) => [random.pick(phases), 1] as const);
  const leastKills = { import: 2, verdicts: 1, export: 1, ...Object.fromEntries(chosen) };
  const said: string[] = [`seed ${seed}`];
  const say = (text: string): void => void said.push(text);
  const tally = await runCampaign({
    ...{ folder: join(fileFolder(), 'kill'), seed, leastKills, say },
    ...{ lanes: 1, how: 'child' as const },
  });
  expect(tally.failures, said.join('\n')).toEqual([]);
}, 600_000);
