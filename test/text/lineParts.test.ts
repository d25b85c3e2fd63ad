/** @file Values that a line can be picked by. Catches one that is missing, one that overlaps another, and a placeholder kind that nobody named. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLineParser } from '../../src/main/ingest/parser.ts';
import { tokenKinds } from '../../src/main/text/kinds.ts';
import { lineParts } from '../../src/main/text/lineParts.ts';
import { tokenize } from '../../src/main/text/mask.ts';
import type { FormatId } from '../../src/shared/lines.ts';

function partsOf(format: FormatId, raw: string) {
  const parsed = createLineParser(format, { year: 2026, zone: 'UTC' })(raw);
  return lineParts(raw, parsed, tokenize(raw, parsed.message));
}
const named = (format: FormatId, raw: string): string[] =>
  partsOf(format, raw).map(({ kind, start, end }) => `${kind} ${raw.slice(start, end)}`);

it('names what the header and the message say, in the order of the line', () => {
  const login = 'Sep  7 09:10:01 gw1 sshd[411]: Accepted password for tina from 10.20.3.36 port 38718 ssh2';
  expect(named('syslog3164', login)).toEqual([
    'host gw1',
    'process sshd',
    'number 411',
    'user tina',
    'address 10.20.3.36',
    'number 38718',
  ]);
  const request =
    '203.0.113.9 - - [07/Sep/2026:09:10:01 +0000] "GET /admin/login.php?next=1 HTTP/1.1" 404 162 "-" "curl/8.1"';
  expect(named('combined', request)).toEqual(
    expect.arrayContaining(['address 203.0.113.9', 'path /admin/login.php', 'number 162']),
  );
  const shred =
    'Sep  7 09:10:01 fs-02 sudo: anna : TTY=pts/0 ; PWD=/srv ; USER=root ; COMMAND=/usr/bin/shred -u /srv/q3.db';
  expect(named('syslog3164', shred)).toEqual(expect.arrayContaining(['user anna', 'path /srv/q3.db']));
});

it('are within the line, in order and apart, whatever the line is', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom<FormatId>('plain', 'syslog3164', 'jsonl'),
      (raw, format) => {
        let from = 0;
        for (const { start, end } of partsOf(format, raw)) {
          expect(start).toBeGreaterThanOrEqual(from);
          expect(end).toBeGreaterThan(start);
          from = end;
        }
        expect(from).toBeLessThanOrEqual(raw.length);
      },
    ),
  );
});

it('has every placeholder but those that stand for no value', () => {
  const none = new Set<number>([
    tokenKinds.word,
    tokenKinds.tail,
    tokenKinds.none,
    tokenKinds.timestamp,
    tokenKinds.agent,
    tokenKinds.agentOdd,
  ]);
  /** What only templates hold. */
  const broad = new Set<number>([tokenKinds.value, tokenKinds.address, tokenKinds.addressInside]);
  const span = { start: 0, end: 1 };
  const parsed = createLineParser('plain', { year: 2026, zone: 'UTC' })('x');
  for (const kind of Object.values(tokenKinds)) {
    const tokens = tokenize('', { start: 0, end: 0 });
    tokens.add(kind, span.start, span.end, 0);
    const isPicked = lineParts('x', parsed, tokens).length === 1;
    if (!broad.has(kind)) expect(isPicked, `kind ${kind}`).toBe(!none.has(kind));
  }
});
