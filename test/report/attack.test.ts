/** @file ATT&CK: rules name techniques that are in the list, say why, and are quiet about ordinary lines. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readTechniques, rules, Suggestions } from '../../src/main/report/attack.ts';

const table = readFileSync(new URL('../../resources/attack/techniques.tsv', import.meta.url), 'utf8');
const list = readTechniques(table);

test('the list is whole, and every rule names one of it', () => {
  expect(list.length).toBe(691);
  expect(list.find(({ id }) => id === 'T1070.004')?.name).toBe('File Deletion');
  const ids = new Set(list.map(({ id }) => id));
  expect(rules.map(({ technique }) => technique).filter((id) => !ids.has(id))).toEqual([]);
});

test('MITRE’s notice goes with it', () => {
  const notice = readFileSync(new URL('../../resources/attack/LICENSE.txt', import.meta.url), 'utf8');
  expect(notice).toContain('reproduced and distributed with the permission of The MITRE Corporation');
});

test('suggestions say which alerts and why, and never repeat what was chosen', () => {
  const suggestions = new Suggestions();
  const raw = 'Nov 20 13:58:41 fs-02 sudo: anna : TTY=pts/3 ; PWD=/srv ; USER=root ; COMMAND=/usr/bin/shred -u x';
  for (const number of [1, 2, 3, 4]) suggestions.add({ number, reason: 'unseen', detectors: ['key'], raw });
  suggestions.add({ number: 5, reason: 'after_failures', detectors: ['after_failures', 'key'], raw: '' });
  const found = suggestions.techniques(list, ['T1070.004', 'T9999']);
  expect(found.map(({ id, isChosen }) => [id, isChosen])).toEqual([
    ...[
      ['T1070.004', true],
      ['T9999', true],
      ['T1110', false],
      ['T1548.003', false],
    ],
  ]);
  expect(found[0]?.reasons).toEqual(['A-1, A-2, A-3 and 1 more: the line shows files being deleted beyond recovery.']);
  expect(found[2]?.reasons).toEqual(['A-5: a login succeeded after failures.']);
});

test.each([
  'Nov 20 13:58:41 h CRON[1]: pam_unix(cron:session): session opened for user root',
  '10.0.0.7 - - [20/Nov/2026:13:58:41 +0000] "GET /index.html HTTP/1.1" 200 512 "-" "Mozilla/5.0"',
  'Nov 20 13:58:41 h kernel: usb 1-1: new device found',
])('an ordinary line suggests nothing: %s', (raw) => {
  const suggestions = new Suggestions();
  suggestions.add({ number: 1, reason: 'order', detectors: ['key'], raw });
  expect(suggestions.techniques(list, [])).toEqual([]);
});

test('a line of twenty thousand characters is looked at in no time that anybody notices', () => {
  const suggestions = new Suggestions();
  for (const part of ['sudo ', 'add to ', 'curl ', '> /var', 'nc @', '${', "add 'a"]) {
    suggestions.add({ number: 1, reason: 'order', detectors: ['key'], raw: part.repeat(20_000 / part.length) });
  }
});
