import { describe, expect, it } from 'vitest';
import { findEntity } from '../../src/main/text/entity.ts';
import { tokenize } from '../../src/main/text/mask.ts';
import type { ParsedLine, Span } from '../../src/shared/lines.ts';

/** A syslog line by its parts, as ingest would give it (text must not import ingest). */
function syslog(tag: string, message: string): { raw: string; parsed: ParsedLine } {
  const head = 'Mar  4 09:07:31 web1 ';
  const raw = `${head}${tag}: ${message}`;
  const bracket = tag.indexOf('[');
  const start = head.length;
  const process: Span = { start, end: start + (bracket < 0 ? tag.length : bracket) };
  const processId = bracket < 0 ? null : { start: start + bracket + 1, end: start + tag.length - 1 };
  const parsed = line(raw, { process, processId, host: { start: 16, end: 20 }, message: span(raw, message) });
  return { raw, parsed };
}

function line(raw: string, fields: Partial<ParsedLine>): ParsedLine {
  const empty = {
    fits: true,
    at: 0,
    severity: null,
    host: null,
    process: null,
    processId: null,
    kind: null,
    subject: null,
    user: null,
  };
  return { ...empty, message: { start: 0, end: raw.length }, ...fields };
}

function span(raw: string, text: string): Span {
  const start = raw.lastIndexOf(text);
  return { start, end: start + text.length };
}

function entityOf(raw: string, parsed: ParsedLine): string | null {
  const entity = findEntity(raw, parsed, tokenize(raw, parsed.message));
  return entity === null ? null : `${entity.kind} ${entity.text}`;
}

const cases: readonly [tag: string, message: string, entity: string][] = [
  ['sshd[9]', 'Accepted password for anna from 10.0.0.5 port 1 ssh2', 'user anna'],
  ['sshd[9]', 'pam_unix(sshd:session): session opened for user anna(uid=1001) by (uid=0)', 'user anna'],
  ['sshd[9]', 'pam_unix(sshd:session): session closed for user anna', 'user anna'],
  ['sshd(pam_unix)[9]', 'session opened for user anna by (uid=500)', 'user anna'],
  ['sshd[9]', 'Disconnected from user anna 10.0.0.5 port 1', 'user anna'],
  ['systemd-logind[6]', 'New session 12 of user anna.', 'user anna'],
  ['systemd[1]', 'Started Session 12 of user anna.', 'user anna'],
  ['sudo', '  anna : TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/usr/bin/id'.trim(), 'user anna'],
  ['sudo[7]', 'pam_unix(sudo:session): session opened for user root(uid=0) by anna(uid=1001)', 'user root'],
  ['sudo[7]', 'pam_unix(sudo:session): session closed for user root', 'user root'],
  ['su[7]', 'pam_unix(su:session): session opened for user postgres by anna(uid=1001)', 'user postgres'],
  ['login[7]', 'pam_unix(login:session): session opened for user anna by LOGIN(uid=0)', 'user anna'],
  // Not an act of the user.
  ['sshd[9]', 'Failed password for anna from 10.0.0.5 port 1 ssh2', 'process web1 sshd[9]'],
  ['sshd[9]', 'Failed password for invalid user pi from 8.8.8.8 port 1 ssh2', 'process web1 sshd[9]'],
  ['sshd[9]', 'Invalid user pi from 8.8.8.8', 'process web1 sshd[9]'],
  ['sshd[9]', 'Disconnected from invalid user pi 8.8.8.8 port 1 [preauth]', 'process web1 sshd[9]'],
  ['sshd[9]', 'Disconnected from authenticating user root 8.8.8.8 port 1 [preauth]', 'process web1 sshd[9]'],
  ['CRON[5]', 'pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)', 'process web1 CRON[5]'],
  ['cron[5]', 'pam_unix(cron:session): session closed for user root', 'process web1 cron[5]'],
  ['crond(pam_unix)[5]', 'session closed for user root', 'process web1 crond(pam_unix)[5]'],
  ['CRON[5]', '(root) CMD (run-parts /etc/cron.hourly)', 'process web1 CRON[5]'],
  ['systemd-logind[6]', 'Removed session 12.', 'process web1 systemd-logind[6]'],
  ['useradd[3]', 'new user: name=eve, UID=1002', 'process web1 useradd[3]'],
  ['kernel', 'eth0: link up', 'process web1 kernel'],
  ['nginx', '10.0.0.5 - anna [04/Mar/2024:09:07:31 +0000] "GET / HTTP/1.1" 200 5', 'address 10.0.0.5'],
  ['ntpd[4]', '10.0.0.5 is the peer', 'process web1 ntpd[4]'],
  // Ids that correlate come first.
  ['datanode[4]', 'Receiving block blk_-88 src: /10.0.0.1:5 dest: /10.0.0.2:6', 'block blk_-88'],
  ['nova[4]', '[req-0b5c6d7e-1a2b-4c3d-8e9f-001122334455 - -] GET', 'request req-0b5c6d7e-1a2b-4c3d-8e9f-001122334455'],
  ['shop[4]', 'done trace_id=4bf92f3577b34da6 in 5 ms', 'request 4bf92f3577b34da6'],
];

describe('findEntity', () => {
  it.each(cases)('%s: %s', (tag, message, entity) => {
    const { raw, parsed } = syslog(tag, message);
    expect(entityOf(raw, parsed)).toBe(entity);
  });

  it('takes the client of an access line, name or address', () => {
    const raw = 'host7.example.com - anna [10/Oct/2023:13:55:36 -0700] "GET / HTTP/1.0" 200 5';
    const parsed = line(raw, {
      subject: { start: 0, end: 17 },
      user: span(raw, 'anna'),
      message: span(raw, '"GET / HTTP/1.0" 200 5'),
    });
    expect(entityOf(raw, parsed)).toBe('address host7.example.com');
  });

  it('takes the node of a machine, where host and subject are one', () => {
    const raw = '- 1140000000 2006.02.15 tn014 Feb 15 02:40:00 tn014/tn014 crond[29]: session closed for user root';
    const node = { start: 24, end: 29 };
    const parsed = line(raw, {
      host: { ...node },
      subject: node,
      process: span(raw, 'crond'),
      message: span(raw, 'session closed for user root'),
    });
    expect(entityOf(raw, parsed)).toBe('node tn014');
  });

  it('goes down to process, host, and then the source', () => {
    const raw = 'web1 something';
    expect(entityOf(raw, line(raw, { process: span(raw, 'something') }))).toBe('process something');
    expect(entityOf(raw, line(raw, { host: { start: 0, end: 4 } }))).toBe('host web1');
    expect(entityOf(raw, line(raw, {}))).toBeNull();
  });
});
