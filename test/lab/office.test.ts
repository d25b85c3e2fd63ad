import { describe, expect, it } from 'vitest';
import { attackKinds } from '../../src/main/lab/attacks.ts';
import { changeKinds } from '../../src/main/lab/changes.ts';
import type { OfficeLine } from '../../src/main/lab/day.ts';
import { generateOffice, type OfficeOptions } from '../../src/main/lab/office.ts';
import { Random } from '../../src/shared/random.ts';

/** A Monday, 00:00 UTC. */
const startAt = Date.UTC(2024, 2, 4);
const lineCount = 24_000;

function office(options: Partial<OfficeOptions> = {}): OfficeLine[] {
  return [...generateOffice({ lines: lineCount, seed: 7, anomalyRate: 0.01, startAt, ...options })];
}

const log = office();
const isAttack = ({ label }: OfficeLine): boolean => label === 'anomaly';

describe('the log', () => {
  it('is the same for the same seed and another for another', () => {
    const text = (seed: number): string =>
      office({ seed, lines: 3000 })
        .map((line) => line.text)
        .join('\n');
    expect(text(7)).toBe(text(7));
    expect(text(7)).not.toBe(text(8));
  });

  it.each([1, 500, 5000])('has exactly the %i lines that were asked for', (lines) => {
    expect(office({ lines })).toHaveLength(lines);
  });

  it('is syslog throughout, foreign lines excepted', () => {
    for (const { text, kind } of log) {
      if (kind === 'foreign-format') continue;
      expect(text).toMatch(
        /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (gw1|web1|web2|db1|files1|git1|build1|term1) [\w-]+(\[\d+\])?: \S| {2}\S/,
      );
    }
  });

  it('goes forward in time, lines that lie about it excepted', () => {
    let before = 0;
    for (const { text, kind } of log) {
      if (kind === 'future-time' || kind === 'foreign-format') continue;
      const at = Date.parse(`${text.slice(0, 6).replace('  ', ' ')} 2024 ${text.slice(7, 15)} UTC`);
      expect(at).toBeGreaterThanOrEqual(before);
      before = at;
    }
  });

  it('has the rhythm of work: far more logins by day than by night, fewer at the weekend', () => {
    const logins = log.filter(({ text, label }) => label === 'normal' && text.includes('Accepted '));
    const hours = logins.map(({ text }) => Number(text.slice(7, 9)));
    const byDay = hours.filter((hour) => hour >= 8 && hour < 18).length;
    const byNight = hours.filter((hour) => hour < 5).length;
    expect(byDay).toBeGreaterThan(100);
    expect(byNight).toBe(0);
    const week = office({ lines: 40_000, anomalyRate: 0 });
    const onDay = (day: string): number =>
      week.filter(({ text }) => text.startsWith(`Mar ${day}`) && text.includes('Accepted ')).length;
    // 6 March 2024 is a Wednesday, 9 March a Saturday.
    expect(onDay(' 9')).toBeLessThan(onDay(' 6') / 3);
  });

  it('has few people who do most', () => {
    const counts = new Map<string, number>();
    for (const { text } of log) {
      const name = /Accepted \w+ for (\w+)/.exec(text)?.[1];
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const sorted = [...counts.values()].toSorted((left, right) => right - left);
    expect(sorted[0] ?? 0).toBeGreaterThan(3 * (sorted[8] ?? 0));
  });

  it('has its rarities in the quiet part: destructive commands, travel, a newcomer', () => {
    const quiet = log
      .slice(0, lineCount / 2)
      .map(({ text }) => text)
      .join('\n');
    for (const text of [
      '/usr/bin/shred',
      '/usr/bin/rm -rf',
      'from 198.51.100.',
      'from 203.0.113.',
      'from 192.0.2.',
      'new user: name=',
    ]) {
      expect(quiet).toContain(text);
    }
  });
});

describe('sessions in normal operation', () => {
  const normal = log.filter(({ label }) => label === 'normal').map(({ text }) => text);

  it('are accepted, opened, disconnected and closed in this order by one process', () => {
    const steps = ['Accepted', 'session opened', 'Received disconnect', 'Disconnected from user', 'session closed'];
    const reached = new Map<string, number>();
    let complete = 0;
    for (const text of normal) {
      const process = /^.{16}(\w+ sshd\[\d+\]): (.*)$/.exec(text);
      if (process === null) continue;
      const step = steps.findIndex((start) => process[2]?.includes(start));
      if (step < 0) continue;
      const key = process[1] ?? '';
      const before = reached.get(key) ?? -1;
      // Process ids come again after a while: then with a new login.
      expect(step === before + 1 || (step === 0 && before === 4), `${text} behind step ${before}`).toBe(true);
      reached.set(key, step);
      if (step === 4) complete++;
    }
    expect(complete).toBeGreaterThan(200);
  });

  it('frame every command by sudo: nobody works who is not logged in', () => {
    const open = new Map<string, number>();
    let commands = 0;
    for (const text of normal) {
      const login = /^.{16}(\w+) sshd\[\d+\]: .*session (opened|closed) for user (\w+)/.exec(text);
      if (login !== null) {
        const key = `${login[1]} ${login[3]}`;
        open.set(key, (open.get(key) ?? 0) + (login[2] === 'opened' ? 1 : -1));
      }
      const command = /^.{16}(\w+) sudo\[\d+\]: +(\w+) : TTY/.exec(text);
      if (command === null) continue;
      commands++;
      expect(open.get(`${command[1]} ${command[2]}`), text).toBeGreaterThan(0);
    }
    expect(commands).toBeGreaterThan(200);
  });
});

describe('attacks', () => {
  it('come at the rate that was asked for', () => {
    for (const anomalyRate of [0.002, 0.01, 0.05]) {
      const count = office({ anomalyRate }).filter(isAttack).length;
      expect(count).toBeGreaterThan(lineCount * anomalyRate * 0.7);
      expect(count).toBeLessThan(lineCount * anomalyRate * 1.3 + 20);
    }
  });

  it('are of all kinds, and labelled with theirs', () => {
    const kinds = new Set(log.filter(isAttack).map(({ kind }) => kind));
    expect([...kinds].toSorted()).toEqual([...attackKinds].toSorted());
    for (const line of log) expect(attackKinds.some((kind) => kind === line.kind)).toBe(isAttack(line));
  });

  it('leave the first part clean, and all of it at a rate of 0', () => {
    expect(log.findIndex(isAttack)).toBeGreaterThanOrEqual(lineCount / 2);
    const later = office({ cleanUntil: 0.8, anomalyRate: 0.02 });
    expect(later.findIndex(isAttack)).toBeGreaterThanOrEqual(lineCount * 0.8);
    expect(office({ cleanUntil: 0, anomalyRate: 0.02 }).findIndex(isAttack)).toBeLessThan(lineCount / 4);
    expect(office({ anomalyRate: 0 }).some(isAttack)).toBe(false);
  });

  it('do not give themselves away by a word, unless they are about one', () => {
    // Stamps are no words, the one inside of an access line neither.
    const wordsOf = (lines: readonly OfficeLine[]): Set<string> =>
      new Set(
        lines.flatMap(({ text }) =>
          text
            .slice(16)
            .replace(/\[\d+\/\w+\/[^\]]*\]/, '')
            .split(/[^A-Za-z_-]+/),
        ),
      );
    const subtleKinds = ['future-time', 'impossible-travel', 'wrong-order', 'wrong-hour'];
    const newWords = (lines: readonly OfficeLine[], normal: readonly OfficeLine[]): string[] => {
      const known = wordsOf(normal);
      return [...wordsOf(lines.filter(({ kind }) => subtleKinds.includes(kind)))].filter((word) => !known.has(word));
    };
    expect(log.filter(({ kind }) => subtleKinds.includes(kind)).length).toBeGreaterThan(50);
    expect(newWords(log, log.slice(0, lineCount / 2))).toEqual([]);
    // Small files and other beginnings, too.
    for (let seed = 1; seed <= 12; seed++) {
      const small = office({
        seed,
        lines: 1200 + seed * 300,
        anomalyRate: 0.05,
        startAt: startAt + seed * 7 * 3_600_000,
      });
      expect(
        newWords(
          small,
          small.filter((line) => !isAttack(line)),
        ),
        `seed ${seed}`,
      ).toEqual([]);
    }
  });

  it('do give themselves away where they are about a user, an address or an action', () => {
    const quiet = log
      .slice(0, lineCount / 2)
      .map(({ text }) => text)
      .join('\n');
    for (const { text, kind } of log) {
      if (kind === 'unusual-user' && text.includes('Accepted'))
        expect(quiet).not.toContain(`for ${/for (\w+)/.exec(text)?.[1]} `);
      if (kind === 'unusual-address' && text.includes('Accepted'))
        expect(quiet).not.toContain(/from (\S+)/.exec(text)?.[1]);
      if (kind === 'unusual-action' && text.includes('COMMAND='))
        expect(quiet).not.toContain(/COMMAND=.*/.exec(text)?.[0]);
    }
  });

  it('come at hours at which nobody does that, where the hour is what is wrong', () => {
    const wrong = log.filter(({ kind }) => kind === 'wrong-hour');
    for (const { text } of wrong) {
      const hour = Number(text.slice(7, 9));
      const isBackup = text.includes('backup');
      expect(isBackup ? hour >= 9 : hour <= 5, text).toBe(true);
    }
  });

  it('log one user in from two branches within a second, where travel is impossible', () => {
    const logins = log.filter(({ kind, text }) => kind === 'impossible-travel' && text.includes('Accepted'));
    expect(logins.length).toBeGreaterThan(1);
    for (let index = 0; index + 1 < logins.length; index += 2) {
      const [first, second] = [logins[index]?.text ?? '', logins[index + 1]?.text ?? ''];
      expect(second.slice(0, 15)).toBe(first.slice(0, 15));
      expect(/for (\w+)/.exec(second)?.[1]).toBe(/for (\w+)/.exec(first)?.[1]);
      expect(/from (\S+)\./.exec(second)?.[1]).not.toBe(/from (\S+)\./.exec(first)?.[1]);
    }
  });
});

describe('the random numbers', () => {
  it('are spread evenly and differ by seed', () => {
    const random = new Random(1);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 100_000; draw++) counts[Math.floor(random.share() * 10)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    expect(new Random(1).share()).not.toBe(new Random(2).share());
    expect(new Random(1).share()).not.toBe(new Random(1 + 2 ** 32).share());
  });
});

describe('honest changes', () => {
  const changed = office({ hasChanges: true, cleanUntil: 0.25, lines: 40_000 });

  it('leave the clean part as it is without them: a model learns the same from both', () => {
    const plain = office({ cleanUntil: 0.25, lines: 40_000 });
    // Days are planned as wholes: the last of the clean part may begin to differ.
    const same = 9_000;
    expect(changed.slice(0, same)).toEqual(plain.slice(0, same));
  });

  it('are labelled normal, and of every kind, the contractor and the moved machine among them', () => {
    const later = changed.slice(9_000);
    for (const kind of changeKinds) {
      const lines = later.filter((line) => line.kind === kind);
      expect(lines.length, kind).toBeGreaterThan(10);
      expect(lines.every(({ label }) => label === 'normal')).toBe(true);
    }
    expect(later.filter(({ text }) => text.includes('Accepted password for rico')).length).toBeGreaterThan(5);
    expect(later.filter(({ text }) => / git2 sshd/.test(text)).length).toBeGreaterThan(20);
    expect(changed.slice(0, 9_000).some(({ text }) => text.includes('rico') || text.includes('git2'))).toBe(false);
  });
});
