import { describe, expect, it } from 'vitest';
import { templatePrefixOf } from '../../src/main/ingest/parser.ts';
import { cases, parse, unfit } from './fields.ts';

describe('syslog3164', () => {
  cases('syslog3164', [
    [
      'Mar  4 09:07:31 web1 sshd[2210]: Accepted password for anna from 10.0.0.5 port 51000 ssh2',
      {
        at: '2024-03-04T09:07:31.000Z',
        severity: null,
        host: 'web1',
        process: 'sshd',
        processId: '2210',
        message: 'Accepted password for anna from 10.0.0.5 port 51000 ssh2',
      },
    ],
    ['Mar 14 09:07:31 web1 su(pam_unix)[77]: session opened', { process: 'su(pam_unix)', processId: '77' }],
    ['Mar 14 09:07:31 web1 kernel: eth0: link up', { process: 'kernel', processId: null, message: 'eth0: link up' }],
    ['Mar 14 09:07:31 web1 sudo:   anna : TTY=pts/0', { process: 'sudo', message: 'anna : TTY=pts/0' }],
    ['<86>Mar 14 09:07:31 web1 login: x', { severity: 'info', host: 'web1', process: 'login' }],
    ['<3>Mar 14 09:07:31 web1 kernel: x', { severity: 'error' }],
    ['Mar 14 09:07:31 web1 syslogd 1.5.0: restart.', { process: 'syslogd', message: 'restart.' }],
    ['Mar 14 09:07:31 web1 Backup Agent: finished', { process: 'Backup Agent', message: 'finished' }],
    ['Mar 14 09:07:31 web1 Disk Utility[12]: mounted', { process: 'Disk Utility', processId: '12' }],
    ['Mar 14 09:07:31 web1 last message repeated 2 times', { process: null, message: 'last message repeated 2 times' }],
    [
      'Mar 14 09:07:31 web1 /usr/sbin/cron[9]: (root) CMD (x)',
      { process: '/usr/sbin/cron', message: '(root) CMD (x)' },
    ],
    [
      '2024-03-04T09:07:31.250+01:00 web1 systemd[1]: Started foo.',
      { at: '2024-03-04T08:07:31.250Z', host: 'web1', process: 'systemd', processId: '1', message: 'Started foo.' },
    ],
    ['2024-03-04T09:07:31Z web1 cron: x', { at: '2024-03-04T09:07:31.000Z', process: 'cron' }],
    ['Mar  4 2023 09:07:31 fw1 ASA: deny', { at: '2023-03-04T09:07:31.000Z', host: 'fw1' }],
    ['Mar 14 09:07:31 kernel: no host here', { host: null, process: 'kernel', message: 'no host here' }],
    ['Mar 14 09:07:31 web1 app: ', { process: 'app', message: '' }],
    ['Mar 14 09:07:31 web1', { host: 'web1', process: null, message: '' }],
    [
      '<34>1 2024-03-04T09:07:31.003Z mail1 su 77 ID47 [meta a="x]\\"y"] su root failed',
      { severity: 'critical', host: 'mail1', process: 'su', processId: '77', message: 'su root failed' },
    ],
    ['<34>1 - mail1 su - - - text', { at: null, process: 'su', processId: null, message: 'text' }],
  ]);
  unfit('syslog3164', [
    '',
    'Foo 14 09:07:31 web1 x: y',
    'Mar 32 09:07:31 web1 x: y',
    'Feb 30 09:07:31 web1 x: y',
    'Mar 14 24:07:31 web1 x: y',
    '<999>Mar 14 09:07:31 web1 x: y',
    '2024-03-04 09:07:31 INFO an application writes a blank, not a T',
  ]);
});

describe('combined', () => {
  const head = '192.0.2.7 - frank [10/Oct/2023:13:55:36 -0700]';
  cases('combined', [
    [
      `${head} "GET /a.gif HTTP/1.0" 200 2326`,
      {
        at: '2023-10-10T20:55:36.000Z',
        severity: 'info',
        subject: '192.0.2.7',
        user: 'frank',
        host: null,
        message: '"GET /a.gif HTTP/1.0" 200 2326',
      },
    ],
    [`${head} "GET / HTTP/1.1" 404 - "-" "curl/8.1"`, { severity: 'warning' }],
    [`${head} "GET / HTTP/1.1" 503 12 "http://x/\\"q\\"" "a \\"b\\" c"`, { severity: 'error' }],
    [`2001:db8::9 - - [10/Oct/2023:13:55:36 +0000] "-" 408 0`, { subject: '2001:db8::9', user: null }],
    [
      'shop.example:443 192.0.2.7 - - [10/Oct/2023:13:55:36 +0000] "GET / HTTP/1.1" 200 5',
      { subject: '192.0.2.7', user: null },
    ],
    [`192.0.2.7 - anna smith [10/Oct/2023:13:55:36 +0000] "GET / HTTP/1.1" 200 5`, { user: 'anna smith' }],
    [`"${head} "GET / HTTP/1.1" 200 5 "-" "x""`, { subject: '192.0.2.7', user: 'frank' }],
  ]);
  unfit('combined', [
    `${head} "GET / HTTP/1.1 200 5`,
    `${head} "GET / HTTP/1.1" 200 5 "-" "open`,
    `${head} "GET / HTTP/1.1" two 5`,
    `${head} GET / HTTP/1.1 200 5`,
    '192.0.2.7 - - [10/Foo/2023:13:55:36 +0000] "GET / HTTP/1.1" 200 5',
    '[10/Oct/2023:13:55:36 +0000] "GET / HTTP/1.1" 200 5',
  ]);
});

describe('stamped', () => {
  const at = '2024-03-04T09:07:31.000Z';
  cases('stamped', [
    ['2024-03-04 09:07:31 INFO started', { at, severity: 'info', process: null, message: 'started' }],
    [
      '2024-03-04T09:07:31,250 WARN [main] org.acme.Pool: low',
      { at: '2024-03-04T09:07:31.250Z', severity: 'warning', process: 'org.acme.Pool', message: 'low' },
    ],
    ['2024-03-04T09:07:31.250123Z error disk full', { at: '2024-03-04T09:07:31.250Z', severity: 'error' }],
    ['2024-03-04 09:07:31+0200 DEBUG x', { at: '2024-03-04T07:07:31.000Z' }],
    ['2024-03-04 09:07:31.5 UTC [812] LOG:  checkpoint', { processId: '812', at: '2024-03-04T09:07:31.500Z' }],
    [
      '2024-03-04 09:07:31,250 - INFO  [Worker:7:Peer@44] - joined',
      { severity: 'info', process: 'Peer', message: 'joined' },
    ],
    [
      '2024-03-04 09:07:31,250 - billing.jobs - ERROR - failed twice',
      { process: 'billing.jobs', severity: 'error', message: 'failed twice' },
    ],
    [
      '2024-03-04T09:07:31.250Z  INFO 412 --- [main] o.a.Server : up',
      { severity: 'info', processId: '412', message: 'up' },
    ],
    [
      '2024/03/04 09:07:31 [error] 77#78: *5 open failed',
      { severity: 'error', processId: '77', message: '*5 open failed' },
    ],
    ['24/03/04 09:07:31 INFO storage.Block: kept', { at, severity: 'info', process: 'storage.Block', message: 'kept' }],
    [
      '240304 090731 148 INFO dfs.Node: block done',
      { at, processId: '148', severity: 'info', process: 'dfs.Node', message: 'block done' },
    ],
    ['[Mon Mar 04 09:07:31 2024] [notice] child 7 up', { at, severity: 'notice', message: 'child 7 up' }],
    [
      '[Mon Mar 04 09:07:31.123456 2024] [core:error] [pid 9] x',
      { severity: 'error', process: 'core', processId: '9' },
    ],
    ['[2024-03-04 09:07:31] production.ERROR: broken', { at, message: 'broken', process: 'production.ERROR' }],
    [
      '03-04 09:07:31.250  1702  2395 D WindowManager: shown',
      {
        at: '2024-03-04T09:07:31.250Z',
        severity: 'debug',
        process: 'WindowManager',
        processId: '1702',
        message: 'shown',
      },
    ],
    [
      '20240304-9:7:31:250|Step_LSC|300|onStep 7',
      { at: '2024-03-04T09:07:31.250Z', process: 'Step_LSC', processId: '300', message: 'onStep 7' },
    ],
    ['[03.04 09:07:31] app.exe - host:80 open', { at, process: 'app.exe', message: 'host:80 open' }],
    ['[03.04 09:07:31] app.exe *64 - host:80 open', { process: 'app.exe', message: 'host:80 open' }],
    [
      '2024-03-04 09:07:31, Info                  CBS    Session open',
      { severity: 'info', process: 'CBS', message: 'Session open' },
    ],
    ['1709543251 WARN slow', { at, severity: 'warning', message: 'slow' }],
    ['1709543251.250 x', { at: '2024-03-04T09:07:31.250Z' }],
    ['1709543251250 x', { at: '2024-03-04T09:07:31.250Z' }],
    [
      'I0304 09:07:31.250000    7 node.go:12] ready',
      { at: '2024-03-04T09:07:31.250Z', severity: 'info', process: 'node.go', processId: '7', message: 'ready' },
    ],
    [
      'time="2024-03-04T09:07:31Z" level=warning msg="it \\"broke\\"" n=1',
      { at, severity: 'warning', message: 'it \\"broke\\"' },
    ],
    ['web_1  | 2024-03-04 09:07:31 INFO up', { at, severity: 'info', message: 'up' }],
    ['04.03.2024 09:07:31 text', { at, message: 'text' }],
    ['2024-03-04 09:07:31 note: this is prose', { severity: 'notice', message: 'this is prose' }],
    ['2024-03-04 09:07:31 saved: nothing', { process: null, message: 'saved: nothing' }],
    ['2024-03-04 09:07:31 -5 items left', { message: '-5 items left' }],
    ['2024-03-04 09:07:31', { at, message: '' }],
  ]);
  unfit('stamped', [
    '',
    'no stamp at all',
    '2024-13-04 09:07:31 x',
    '2023-02-29 09:07:31 x',
    '2024-03-04 09:61:31 x',
    '12345 x',
    '[   12.345678] usb 1-1: new device',
    'see 2024 for more',
  ]);
});

describe('jsonl', () => {
  cases('jsonl', [
    [
      '{"@timestamp":"2024-03-04T09:07:31Z","level":"warn","host":"web1","logger":"a.B","message":"it \\"broke\\"\\n"}',
      {
        at: '2024-03-04T09:07:31.000Z',
        severity: 'warning',
        host: 'web1',
        process: 'a.B',
        message: 'it \\"broke\\"\\n',
      },
    ],
    [
      '{"level":30,"time":1709543251250,"pid":9,"hostname":"h","msg":"hi"}',
      { at: '2024-03-04T09:07:31.250Z', severity: 'info', processId: '9', host: 'h', message: 'hi' },
    ],
    ['{"ts":1709543251.25,"msg":"hi"}', { at: '2024-03-04T09:07:31.250Z' }],
    [
      '{"log":{"level":"error"},"host":{"name":"n1"},"source":{"ip":"10.0.0.1"},"message":"m"}',
      { severity: 'error', host: 'n1', subject: '10.0.0.1' },
    ],
    ['{"time":"yesterday","timestamp":"2024-03-04 09:07:31","msg":"m"}', { at: '2024-03-04T09:07:31.000Z' }],
    ['{"a":1,"b":[1,{"message":"not this"}]}', { message: '{"a":1,"b":[1,{"message":"not this"}]}' }],
    ['{"user":"-","msg":""}', { user: null, message: '{"user":"-","msg":""}' }],
    [
      '{"MESSAGE":"m","Hostname":"W5","EventTime":"2024-03-04 09:07:31"}',
      { message: 'm', host: 'W5', at: '2024-03-04T09:07:31.000Z' },
    ],
    ['{}', { message: '{}' }],
    [' {"a":1}'.trim(), { message: '{"a":1}' }],
  ]);
  unfit('jsonl', [
    '{',
    '{"a":1',
    '{"a":1}x',
    '{"a":1,}',
    '{"a" 1}',
    '{"a":"x}',
    '[1,2]',
    '"text"',
    `{"a":${'['.repeat(100)}`,
  ]);
});

describe('bgl', () => {
  cases('bgl', [
    [
      '- 1120000000 2005.06.28 R07-M0 2005-06-28-16.06.40.120450 R07-M0 RAS KERNEL INFO cache error corrected',
      {
        at: '2005-06-28T23:06:40.000Z',
        severity: 'info',
        host: 'R07-M0',
        subject: 'R07-M0',
        process: 'KERNEL',
        message: 'cache error corrected',
      },
    ],
    [
      'KERNDTLB 1120000000 2005.06.28 R07-M0 2005-06-28-16.06.40.120450 R07-M0 RAS KERNEL FATAL data TLB',
      { severity: 'fatal', message: 'data TLB' },
    ],
    [
      '- 1140000000 2006.02.15 tn014 Feb 15 02:40:00 tn014/tn014 crond(pam_unix)[4021]: session closed',
      {
        at: '2006-02-15T10:40:00.000Z',
        host: 'tn014',
        process: 'crond(pam_unix)',
        processId: '4021',
        message: 'session closed',
      },
    ],
  ]);
  unfit('bgl', ['- 11178385 2005.06.03 R07 x', '- 1117838570 2005/06/03 R07 2005-06-28-16.06.40 x', 'text only']);

  it('never shows the label: no span reaches into the first column', () => {
    for (const label of ['-', 'APPREAD', 'KERNDTLB']) {
      const raw = `${label} 1140000000 2006.02.15 tn014 Feb 15 02:40:00 tn014/tn014 crond[4021]: x`;
      const line = parse('bgl', raw);
      for (const span of [line.host, line.process, line.processId, line.subject, line.user, line.message]) {
        expect(span === null || span.start > label.length).toBe(true);
      }
    }
  });
});

describe('plain', () => {
  it('takes the whole line as its message', () => {
    expect(parse('plain', '  anything at all ')).toMatchObject({
      fits: true,
      at: null,
      message: { start: 0, end: 18 },
    });
  });
});

describe('kinds of line', () => {
  it.each([
    // PAM says the same whoever calls it.
    ['syslog3164', 'Jun 14 15:16:02 combo sshd(pam_unix)[1]: check pass; user unknown', 'pam_unix'],
    ['syslog3164', 'Jun 14 15:16:02 combo sshd[1]: check pass; user unknown', 'sshd'],
    ['syslog3164', 'Jun 14 15:16:02 combo (systemd)[1]: check pass', '(systemd)'],
    ['syslog3164', 'Jun 14 15:16:02 combo backup.exe[1]: done', 'backup.exe'],
    ['stamped', '[10.30 16:49:06] chrome.exe - web.example.org:443 close, 1 bytes sent', ''],
    ['stamped', '[10.30 16:49:06] 7zip.exe *64 - web.example.org:443 close, 1 bytes sent', ''],
    ['jsonl', '{"time":"2024-03-04T09:07:31Z","process":"tool.exe","message":"started"}', 'tool.exe'],
  ] as const)('%s: %s', (format, raw, prefix) => {
    expect(templatePrefixOf(raw, parse(format, raw))).toBe(prefix);
  });
});
