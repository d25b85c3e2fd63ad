/**
 * @file Who, from where, let in or not, in the lines of every format that says so. Catches a login that is not seen, one that is seen where there
 * was none, and an attacker who writes an address or a name of their choice into somebody else's place.
 */
import { describe, expect, it } from 'vitest';
import { createLineParser } from '../../src/main/ingest/parser.ts';
import { tokenize } from '../../src/main/text/mask.ts';
import { findWho } from '../../src/main/text/who.ts';
import { loginOutcomes } from '../../src/shared/eventValues.ts';
import type { FormatId, Span } from '../../src/shared/lines.ts';

type Expected = [user: string | null, address: string | null, outcome: keyof typeof loginOutcomes];

function whoOf(format: FormatId, raw: string): Expected {
  const parsed = createLineParser(format, { year: 2026, zone: 'UTC' })(raw);
  const { user, address, outcome } = findWho(raw, parsed, tokenize(raw, parsed.message));
  const textOf = (span: Span | null): string | null => span && raw.slice(span.start, span.end);
  const names = Object.keys(loginOutcomes) as (keyof typeof loginOutcomes)[];
  return [textOf(user), textOf(address), names.find((name) => loginOutcomes[name] === outcome) ?? 'none'];
}

function table(format: FormatId, head: string, samples: readonly [line: string, ...Expected][]): void {
  it.each(samples)(`${format}: %s`, (line, ...expected) => {
    expect(whoOf(format, head + line)).toEqual(expected);
  });
}

describe('syslog', () => {
  table('syslog3164', 'Mar  4 09:07:31 gw1 ', [
    [
      'sshd[9]: Accepted publickey for anna from 10.20.7.31 port 52114 ssh2: RSA SHA256:uYk3',
      'anna',
      '10.20.7.31',
      'accepted',
    ],
    ['sshd[9]: Failed password for root from 203.0.113.7 port 22 ssh2', 'root', '203.0.113.7', 'failed'],
    ['sshd[9]: Failed password for invalid user pi from 203.0.113.7 port 22 ssh2', 'pi', '203.0.113.7', 'failed'],
    ['sshd[9]: Invalid user pi from 2001:db8::7 port 22', 'pi', '2001:db8::7', 'failed'],
    ['sshd[9]: Invalid user  from 203.0.113.7', null, '203.0.113.7', 'failed'],
    [
      'sshd[9]: message repeated 5 times: [ Failed password for root from 203.0.113.7 port 22 ssh2]',
      'root',
      '203.0.113.7',
      'failed',
    ],
    [
      'sshd[9]: User anna from 203.0.113.7 not allowed because not listed in AllowUsers',
      'anna',
      '203.0.113.7',
      'failed',
    ],
    [
      'sshd[9]: error: maximum authentication attempts exceeded for root from 203.0.113.7 port 9 ssh2 [preauth]',
      'root',
      '203.0.113.7',
      'failed',
    ],
    [
      'sshd[9]: PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7  user=root',
      'root',
      '203.0.113.7',
      'failed',
    ],
    [
      'sshd[9]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7  user=root',
      'root',
      '203.0.113.7',
      'failed',
    ],
    ['sshd[9]: pam_unix(sshd:session): session opened for user anna(uid=1001) by (uid=0)', 'anna', null, 'accepted'],
    [
      'sshd[9]: Connection closed by authenticating user root 203.0.113.7 port 22 [preauth]',
      'root',
      '203.0.113.7',
      'failed',
    ],
    [
      'sshd[9]: reverse mapping checking getaddrinfo for a.example.net [203.0.113.7] failed - POSSIBLE BREAK-IN ATTEMPT!',
      null,
      '203.0.113.7',
      'none',
    ],
    [
      'sshd(pam_unix)[9]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=dsl-7.example.net  user=root',
      'root',
      'dsl-7.example.net',
      'failed',
    ],
    ['sshd(pam_unix)[9]: session opened for user anna by (uid=509)', 'anna', null, 'accepted'],
    ['su(pam_unix)[9]: session closed for user anna', 'anna', null, 'none'],
    ['su[9]: (to root) anna on pts/0', 'anna', null, 'accepted'],
    ['su[9]: FAILED SU (to root) anna on pts/0', 'anna', null, 'failed'],
    ['su[9]: Successful su for root by anna', 'anna', null, 'accepted'],
    ['su[9]: FAILED su for root by anna', 'anna', null, 'failed'],
    ['su[9]: + /dev/pts/0 anna:root', 'anna', null, 'accepted'],
    ['su[9]: - /dev/pts/0 anna:root', 'anna', null, 'failed'],
    [
      'su[9]: pam_unix(su:auth): authentication failure; logname=anna uid=1001 euid=0 tty=pts/0 ruser=anna rhost=  user=root',
      'root',
      null,
      'failed',
    ],
    ['sudo: anna : TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/usr/bin/id', 'anna', null, 'accepted'],
    [
      'sudo: anna : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/usr/bin/id',
      'anna',
      null,
      'failed',
    ],
    [
      'sudo: anna : user NOT in sudoers ; TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/usr/bin/id',
      'anna',
      null,
      'failed',
    ],
    ["login[9]: FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure", 'root', null, 'failed'],
    ['login[9]: LOGIN ON tty1 BY anna', 'anna', null, 'accepted'],
    ["login[9]: ROOT LOGIN  on '/dev/tty1'", null, null, 'accepted'],
    // Sessions that follow a login, and the clock's own, are no logins; root is asked for nothing.
    ['sudo[9]: pam_unix(sudo:session): session opened for user root(uid=0) by anna(uid=1001)', 'root', null, 'none'],
    ['su(pam_unix)[9]: session opened for user news by (uid=0)', 'news', null, 'none'],
    ['su[9]: Successful su for news by root', 'root', null, 'none'],
    ['sudo: root : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/usr/bin/id', 'root', null, 'none'],
    ['sshd[9]: input_userauth_request: invalid user pi [preauth]', 'pi', null, 'failed'],
    ['CRON[9]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)', 'root', null, 'none'],
    ['crond(pam_unix)[9]: session opened for user root by (uid=0)', 'root', null, 'none'],
    [
      'systemd[1]: pam_unix(systemd-user:session): session opened for user anna(uid=1001) by (uid=0)',
      'anna',
      null,
      'none',
    ],
    ['CRON[9]: (root) CMD (run-parts /etc/cron.hourly)', 'root', null, 'none'],
    [
      'ftpd[9]: connection from 203.0.113.7 (host.example.net) at Fri Jun 17 07:07:00 2026',
      null,
      '203.0.113.7',
      'none',
    ],
    ['kernel: DROP IN=eth0 SRC=203.0.113.7 DST=10.0.0.1', null, null, 'none'],
    ['app[9]: copied 5 files to 10.0.0.9', null, null, 'none'],
    // A web server by syslog.
    [
      'nginx: 10.20.0.5 - anna [04/Mar/2026:09:07:31 +0000] "GET / HTTP/1.1" 401 2 "-" "m/1.4"',
      'anna',
      '10.20.0.5',
      'failed',
    ],
    [
      'nginx: 10.20.0.5 - - [04/Mar/2026:09:07:31 +0000] "GET / HTTP/1.1" 200 401 "-" "m/1.4"',
      null,
      '10.20.0.5',
      'none',
    ],
  ]);
});

describe('what an attacker writes into a name', () => {
  table('syslog3164', 'Mar  4 09:07:31 gw1 ', [
    ['sshd[9]: Invalid user x from 10.0.0.1 port 1 from 203.0.113.7 port 22', 'x', '203.0.113.7', 'failed'],
    [
      'sshd[9]: Failed password for invalid user Accepted password for root from 10.0.0.1 from 203.0.113.7 port 2 ssh2',
      'Accepted password for root',
      '203.0.113.7',
      'failed',
    ],
    ['sshd[9]: Received disconnect from 203.0.113.7 port 9:11: bye from 10.0.0.1', null, '203.0.113.7', 'none'],
    [
      'sshd[9]: pam_unix(sshd:auth): authentication failure; logname= uid=0 tty=ssh ruser= rhost=203.0.113.7  user=x rhost=10.0.0.1',
      'x',
      '203.0.113.7',
      'failed',
    ],
    ['app[9]: user said: Accepted password for root from 10.0.0.1 port 2', 'root', '10.0.0.1', 'none'],
  ]);
  table('combined', '', [
    [
      '203.0.113.9 - - [10/Sep/2026:03:14:15 +0000] "GET /?user=root&from=10.0.0.1 \\" 401 HTTP/1.1" 200 5 "-" "x"',
      null,
      '203.0.113.9',
      'none',
    ],
  ]);
  table('windows', '', [
    [
      '{"EventID":4625,"Channel":"Security","Message":"\\"TargetUserName\\":\\"root\\"","TargetUserName":"bob"}',
      'bob',
      null,
      'failed',
    ],
  ]);
});

describe('other formats', () => {
  table('combined', '', [
    [
      '203.0.113.9 - - [10/Sep/2026:03:14:15 +0000] "GET /a?id=17 HTTP/1.1" 200 403 "-" "Mozilla/5.0"',
      null,
      '203.0.113.9',
      'none',
    ],
    [
      '203.0.113.9 - anna [10/Sep/2026:03:14:15 +0000] "POST /login HTTP/1.1" 403 9 "-" "Mozilla/5.0"',
      'anna',
      '203.0.113.9',
      'failed',
    ],
    ['2001:db8::5 - anna [10/Sep/2026:03:14:15 +0000] "GET / HTTP/1.1" 401 -', 'anna', '2001:db8::5', 'failed'],
  ]);
  table('windows', '', [
    [
      '{"EventID":4624,"Channel":"Security","TimeCreated":"2026-01-01T00:00:00Z","Computer":"dc1","SubjectUserName":"DC1$","TargetUserName":"bob","IpAddress":"::ffff:10.0.0.9","LogonType":"3"}',
      'bob',
      '10.0.0.9',
      'accepted',
    ],
    [
      '{"EventID":4625,"Channel":"Security","Computer":"dc1","SubjectUserName":"-","TargetUserName":"bob","IpAddress":"203.0.113.9"}',
      'bob',
      '203.0.113.9',
      'failed',
    ],
    [
      '{"winlog":{"event_id":"4625","channel":"Security","event_data":{"TargetUserName":"CORP\\\\bob","IpAddress":"203.0.113.9"}}}',
      'CORP\\\\bob',
      '203.0.113.9',
      'failed',
    ],
    [
      '{"EventID":4688,"Channel":"Security","SubjectUserName":"bob","TargetUserName":"-","NewProcessName":"cmd.exe"}',
      'bob',
      null,
      'none',
    ],
  ]);
  table('auditd', 'type=', [
    [
      'USER_LOGIN msg=audit(1700000000.123:45): pid=1 uid=0 auid=4294967295 ses=4294967295 msg=\'op=login acct="root" exe="/usr/sbin/sshd" hostname=? addr=203.0.113.4 terminal=ssh res=failed\'',
      'root',
      '203.0.113.4',
      'failed',
    ],
    [
      'USER_AUTH msg=audit(1700000000.123:45): pid=1 uid=0 auid=1000 ses=3 msg=\'op=PAM:authentication acct="anna" exe="/usr/bin/su" hostname=? addr=? terminal=pts/1 res=success\'',
      'anna',
      null,
      'accepted',
    ],
    [
      'USER_ACCT msg=audit(1700000000.123:45): pid=1 uid=0 auid=1000 ses=3 msg=\'op=PAM:accounting acct="anna" exe="/usr/bin/su" res=success\'',
      'anna',
      null,
      'none',
    ],
    [
      'SYSCALL msg=audit(1700000000.123:45): arch=c000003e syscall=59 success=no auid=1000 comm="id" exe="/usr/bin/id"',
      '1000',
      null,
      'none',
    ],
  ]);
  table('journald', '', [
    [
      '{"__REALTIME_TIMESTAMP":"1700000000000000","_HOSTNAME":"gw1","SYSLOG_IDENTIFIER":"sshd","_PID":"7","_UID":"0","MESSAGE":"Failed password for root from 203.0.113.7 port 22 ssh2"}',
      'root',
      '203.0.113.7',
      'failed',
    ],
  ]);
  table('jsonl', '', [
    [
      '{"time":"2026-09-10T03:14:17.021Z","level":"info","msg":"user logged in","user":"bob","client_ip":"192.0.2.8"}',
      'bob',
      '192.0.2.8',
      'none',
    ],
  ]);
});
