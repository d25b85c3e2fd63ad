/** @file What scores promise: the same log and seed give the same, no event is lost however long its session, new kinds differ. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EventScores } from '../../src/main/app/eventScores.ts';
import { importLog, learnFrom, openApp, scoreSources } from '../helpers/app.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';
import { scoresOf } from '../helpers/scores.ts';

let learned: Learned;
/** Scores of the watched log in the shared workspace. */
let watched: EventScores;
/** Of the shared workspace. */
let hashKey: Uint8Array;

beforeAll(async () => {
  learned = await learnOffice();
  const test = await openApp(await learned.copy(join(fileFolder(), 'workspace')));
  hashKey = test.app.parts.services.opened.hashKey;
  watched = await scoresOf(test, await importLog(test, learned.watched.path));
  await test.close();
});

/** A log of these lines, scored by the model of the shared workspace. */
async function score(lines: readonly string[]): Promise<EventScores> {
  const path = join(testFolder(), 'made.log');
  writeFileSync(path, lines.join('\n'));
  const test = await openApp(await learned.copy());
  try {
    return await scoresOf(test, await importLog(test, path));
  } finally {
    await test.close();
  }
}

const stamp = (second: number): string => new Date(Date.UTC(2026, 8, 10, 9, 0, second)).toISOString().slice(11, 19);

describe('scores', () => {
  // With another key other runs of characters pass for seen by chance.
  it('are the same to the bit in two workspaces of one key that learned the same log with the same seed', async () => {
    const test = await openApp(join(fileFolder(), 'other'), { randomBytes: () => hashKey });
    await learnFrom(test, [await importLog(test, learned.quiet.path)]);
    const again = await scoresOf(test, await importLog(test, learned.watched.path));
    await test.close();
    expect(again.bits).toEqual(watched.bits);
    expect(again.scores).toEqual(watched.scores);
    expect(again.alertCount).toBe(watched.alertCount);
  });

  it('are finite for every event, and every line has one', () => {
    expect(watched.bits.length).toBe(learned.watched.lines.length);
    expect(watched.bits.every((bits) => Number.isFinite(bits) && bits >= 0)).toBe(true);
    expect(watched.scores.every((one) => Number.isFinite(one) && one >= 0)).toBe(true);
  });

  it('rank attacks above the rest', () => {
    const { isAnomaly } = learned.watched;
    const mean = (wanted: boolean): number => {
      const scores = [...watched.scores].filter((_score, row) => isAnomaly[row] === wanted);
      return scores.reduce((sum, one) => sum + one, 0) / scores.length;
    };
    expect(mean(true)).toBeGreaterThan(1.5 * mean(false));
  });

  it('lose no event of a session far longer than the context, and find what is strange deep inside', async () => {
    const usual = Array.from(
      { length: 500 },
      (_line, at) =>
        `Sep 10 ${stamp(at)} gw1 sudo: anna : TTY=pts/1 ; PWD=/home/anna ; USER=root ; COMMAND=/usr/bin/df -h`,
    );
    const before = await score(usual);
    // Where the model is surest, so that what it says of the strange line is about the line.
    const far = Array.from({ length: 100 }, (_line, index) => 300 + index);
    const at = far.reduce((surest, one) => ((before.bits[one] ?? 0) < (before.bits[surest] ?? 0) ? one : surest));
    const strange = `Sep 10 ${stamp(at)} gw1 exploitd[7]: kernel memory overwritten; session opened for user anna`;
    const { bits, sessionIds } = await score(usual.with(at, strange));
    expect(new Set(sessionIds).size).toBe(1);
    expect(bits.length).toBe(500);
    // An event that no window scored would have no surprise at all.
    expect(bits.every((one) => Number.isFinite(one) && one > 0)).toBe(true);
    expect(bits[at]).toBeGreaterThan((before.bits[at] ?? 0) + 1);
    expect(bits.subarray(0, at)).toEqual(before.bits.subarray(0, at));
  });

  it('of kinds never seen differ by what they are: a fatal line of an unknown program beats a new word of a known one', async () => {
    const { bits, sessionIds } = await score([
      `<38>Sep 10 ${stamp(1)} gw1 sshd[99]: Accepted keyboard-interactive for anna from 10.20.9.1 port 40000 ssh2`,
      `<38>Sep 10 ${stamp(2)} gw1 frobd[77]: quux zarf 10.20.9.2`,
      `<32>Sep 10 ${stamp(3)} gw1 grault[77]: blorb snark vex 10.20.9.3`,
    ]);
    expect(new Set(sessionIds).size).toBe(3); // each at the same place: the first of its session
    const [known = 0, unknown = 0, fatal = 0] = bits;
    expect(unknown).toBeGreaterThan(known);
    expect(fatal).toBeGreaterThan(unknown);
  });

  it('of the same file scored twice replace its run: the same alerts, with their verdicts', async () => {
    const test = await openApp(await learned.copy());
    const sourceId = await importLog(test, learned.watched.path);
    await scoreSources(test, [sourceId]);
    const ids = async (state: 'open' | 'decided' | 'folded'): Promise<string[]> =>
      (await test.ask('alerts.list', { tab: state })).rows.map(({ id, number }) => `${id} ${number}`).toSorted();
    const before = await ids('open');
    // Undetermined folds nothing and moves no threshold.
    const alertId = before[0]?.split(' ')[0] ?? '';
    await test.ask('verdicts.give', { alertId, value: 'undetermined', note: 'later' });
    expect(await importLog(test, learned.watched.path)).toBe(sourceId);
    await scoreSources(test, [sourceId]);
    expect([...(await ids('open')), ...(await ids('decided'))].toSorted()).toEqual(before);
    const [decided] = (await test.ask('alerts.list', { tab: 'decided' })).rows;
    expect(decided?.verdict).toMatchObject({ alertId, value: 'undetermined', note: 'later' });
    expect(await ids('folded')).toEqual([]);
    expect((await test.ask('status.get', {})).eventCount).toBe(
      learned.quiet.lines.length + learned.watched.lines.length,
    );
    await test.close();
  });
});
