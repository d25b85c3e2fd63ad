/** @file What a list shows of a line: what surprised is in view, whatever the line begins with. */
import { describe, expect, it } from 'vitest';
import { excerptOf, messageBehindWriter } from '../../src/main/app/excerpt.ts';
import { createLineParser } from '../../src/main/ingest/parser.ts';

const parse = createLineParser('syslog3164', { year: 2026, zone: 'UTC' });
const excerpt = (raw: string, part?: string): string =>
  excerptOf(raw, parse(raw), part === undefined ? null : raw.indexOf(part));

const sudo =
  'Nov 21 03:01:55 web1 sudo[12]:   anna : TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/usr/bin/base64 /etc/shadow';

describe('an excerpt', () => {
  it('shows the command of sudo, not the terminal before it', () => {
    expect(excerpt(sudo, 'base64')).toBe('sudo: …/usr/bin/base64 /etc/shadow');
    expect(excerpt(sudo)).toBe('sudo: …/usr/bin/base64 /etc/shadow');
  });

  it('shows the request behind client and time', () => {
    const raw = '10.20.2.5 - - [16/Nov/2026:15:00:00 +0000] "GET /shell.jsp?cmd=id HTTP/1.1" 200 51';
    expect(excerpt(raw, '/shell')).toBe('…GET /shell.jsp?cmd=id HTTP/1.1" 200 51');
  });

  it('keeps the beginning where it leaves what surprised in view', () => {
    expect(excerpt('Nov 22 06:44:20 files1 dpkg[7]: upgraded libssl3 to 1.12.6', 'libssl3')).toBe(
      'dpkg: upgraded libssl3 to 1.12.6',
    );
  });

  it('begins with a word far behind in a long line, and is cut on both sides', () => {
    const raw = `Nov 22 06:44:20 db1 app[7]: ${'usual '.repeat(40)}mimikatz.exe ${'and so on '.repeat(30)}`;
    const shown = excerpt(raw, 'katz');
    expect(shown.startsWith('app: …mimikatz.exe and so on')).toBe(true);
    expect(shown.endsWith('…')).toBe(true);
    expect(shown.length).toBeLessThan(135);
  });

  it('never cuts a character in two', () => {
    const raw = `Nov 22 06:44:20 db1 app[7]: ${'a'.repeat(119)}😀${'b'.repeat(50)}`;
    expect(excerpt(raw).isWellFormed()).toBe(true);
  });
});

it('a message says what may be left out before its point', () => {
  const { text, aside } = messageBehindWriter(sudo, parse(sudo), 2000);
  expect(text.slice(0, aside?.start) + text.slice(aside?.end)).toBe('sudo: /usr/bin/base64 /etc/shadow');
});
