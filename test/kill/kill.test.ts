/** @file The short form of `npm run test:kill`: a few kills of every phase. Catches what is lost, doubled or half after a kill. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileFolder } from '../helpers/folders.ts';
import { runCampaign } from './campaign.ts';

it('a kill at a random moment loses nothing, doubles nothing and leaves nothing half', async () => {
  const seed = Date.now() % 1_000_000;
  const said: string[] = [`seed ${seed}`];
  const leastKills = { import: 3, learn: 1, score: 1, verdicts: 2, export: 2, start: 1 };
  const say = (text: string): void => void said.push(text);
  const tally = await runCampaign({
    folder: join(fileFolder(), 'kill'),
    seed,
    leastKills,
    lanes: 1,
    how: 'child',
    say,
  });
  expect(tally.failures, said.join('\n')).toEqual([]);
}, 300_000);
