/**
 * @file `npm run test:kill -- [--kills 240] [--seed N] [--lanes 2] [--only PHASE]`: kill -9 at random moments of everything the app does, and what must be
 * there afterwards. Prints its seed; fails where anything was lost, doubled or half.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCampaign } from './campaign.ts';
import { phaseNames } from './phases.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string' }, seed: { type: 'string' }, lanes: { type: 'string' }, only: { type: 'string' } },
});
const kills = Number(values.kills ?? 240);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const lanes = Number(values.lanes ?? 2);
// Of every phase the same, of imports twice as much.
const share = Math.ceil(kills / (phaseNames.length + 1));
const every = Object.fromEntries(phaseNames.map((phase) => [phase, share]));
const leastKills = values.only === undefined ? { ...every, import: 2 * share } : { [values.only]: kills };
const folder = await mkdtemp(join(tmpdir(), 'surprisal-kill-'));
const startedMs = Date.now();
const say = (text: string): void =>
  void process.stdout.write(`${Math.round((Date.now() - startedMs) / 1000)} s  ${text}\n`);
say(`seed ${seed}, ${lanes} workspaces at once`);
const tally = await runCampaign({ folder, seed, leastKills, lanes, how: 'command', say });
say(JSON.stringify({ seed, seconds: Math.round((Date.now() - startedMs) / 1000), ...tally }));
if (tally.failures.length === 0) await rm(folder, { recursive: true, force: true });
else say(`What was left is in ${folder}.`);
process.exit(tally.failures.length === 0 ? 0 : 1);
