/** @file Observables of real kinds of line. Catches what is guessed (a file taken for a domain, a version for an address) and what is missed. */
import { expect, test } from 'vitest';
import { createLineParser } from '../../src/main/ingest/parser.ts';
import { observablesOf } from '../../src/main/text/observables.ts';
import { defanged } from '../../src/shared/observables.ts';
import type { FormatId } from '../../src/shared/lines.ts';

function found(format: FormatId, raw: string): string[] {
  const parse = createLineParser(format, { year: 2026, zone: 'UTC' });
  return observablesOf(raw, parse(raw)).map(
    ({ kind, text, isInside }) => `${kind} ${text}${isInside === null ? '' : isInside ? ' inside' : ' outside'}`,
  );
}

test('a login: user, machine, program, address', () => {
  const raw = 'Nov 20 13:58:41 fs-02 sshd[411]: Accepted password for anna.weiss from 185.220.101.44 port 50122 ssh2';
  expect(found('syslog3164', raw)).toEqual([
    'host fs-02',
    'process sshd',
    'user anna.weiss',
    'address 185.220.101.44 outside',
  ]);
});

test('sudo: the command line whole, and its files', () => {
  const raw =
    'Nov 20 13:58:41 fs-02 sudo: anna.weiss : TTY=pts/3 ; PWD=/srv/finance ; USER=root ; COMMAND=/usr/bin/shred -uzn 3 /srv/finance/q3.db';
  const all = found('syslog3164', raw);
  expect(all).toContain('command /usr/bin/shred -uzn 3 /srv/finance/q3.db');
  expect(all).toContain('file /srv/finance/q3.db');
  expect(all).toContain('user anna.weiss');
});

test('terminals, the directory of a program and where it was run from are no files', () => {
  const raw =
    'Nov 20 13:58:41 web1 sudo[7]:   anna : TTY=pts/1 ; PWD=/home/anna ; USER=root ; COMMAND=/usr/bin/base64 /etc/shadow';
  expect(found('syslog3164', raw).filter((one) => one.startsWith('file'))).toEqual(['file /etc/shadow']);
});

test('a request: the client, and the page it came from with its domain', () => {
  const raw =
    '10.0.0.7 - - [20/Nov/2026:13:58:41 +0000] "GET /index.php?id=1 HTTP/1.1" 200 512 "https://Bad.Example/x?y=1" "curl/8.1.2"';
  const all = found('combined', raw);
  expect(all).toContain('address 10.0.0.7 inside');
  expect(all).toContain('url https://Bad.Example/x?y=1');
  expect(all).toContain('domain bad.example');
});

test.each([
  'Nov 20 13:58:41 h app: loaded Foo.java and report.zip with setup.py',
  'Nov 20 13:58:41 h app: version v1.2.3.4 of libc 2.31',
  'Nov 20 13:58:41 h app: 1.2.3.400 is none',
])('nothing is guessed in %s', (raw) => {
  expect(found('syslog3164', raw).filter((one) => /^(domain|address)/.test(one))).toEqual([]);
});

test('hashes by their length, mail addresses', () => {
  const sha = 'ab12'.repeat(16);
  const all = found('syslog3164', `Nov 20 13:58:41 h clamd[2]: ${sha} in mail from eve@bad.example`);
  expect(all).toContain(`hash ${sha}`);
  expect(all).toContain('email eve@bad.example');
});

test('defanged, what links somewhere links nowhere', () => {
  const shown = (kind: Parameters<typeof defanged>[0]['kind'], text: string, isInside: boolean | null = null): string =>
    defanged({ kind, text, isInside });
  expect(shown('address', '185.220.101.44', false)).toBe('185[.]220[.]101[.]44');
  expect(shown('address', '10.0.0.7', true)).toBe('10.0.0.7');
  expect(shown('address', '2001:db8::1', false)).toBe('2001[:]db8[:][:]1');
  expect(shown('url', 'https://user@bad.example:8080/a.b?c=d.e')).toBe('hxxps://user@bad[.]example:8080/a.b?c=d.e');
  expect(shown('email', 'eve@bad.example')).toBe('eve[@]bad[.]example');
  expect(shown('domain', 'bad.example')).toBe('bad[.]example');
});
