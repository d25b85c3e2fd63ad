/** @file Sample lines of the formats that servers and operating systems write, usual and hostile ones. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineParser, writerOf } from '../../src/main/ingest/parser.ts';
import { formatIds, type FormatId } from '../../src/shared/lines.ts';
import { cases, parse, unfit } from './fields.ts';

const at = '2024-03-04T09:07:31.000Z';
const atQuarter = '2024-03-04T09:07:31.250Z';

describe('syslog5424', () => {
  cases('syslog5424', [
    [
      '<34>1 2024-03-04T09:07:31.25Z mail1 su 77 ID47 - su root failed',
      {
        at: atQuarter,
        severity: 'critical',
        host: 'mail1',
        process: 'su',
        processId: '77',
        kind: 'ID47',
        message: 'su root failed',
      },
    ],
    ['<165>1 2024-03-04T10:07:31+01:00 mail1 app - - - x', { at, severity: 'notice', processId: null, kind: null }],
    ['<13>1 - - - - - - all is nil', { at: null, host: null, process: null, message: 'all is nil' }],
    ['<13>1 2024-03-04T09:07:31Z h a - - -', { message: '' }],
    ['<13>1 2024-03-04T09:07:31Z h a - - - \ufeffwith a mark', { message: 'with a mark' }],
    ['<13>1 2024-03-04T09:07:31Z h a - - [x@1 k="v"] text', { message: 'text' }],
    ['<13>1 2024-03-04T09:07:31Z h a - - [x@1 k="]\\"\\\\"][y@2 a="1" b="[2]"] text', { message: 'text' }],
    ['<13>1 2024-03-04T09:07:31Z h a - - [x@1 k="v"]', { message: '[x@1 k="v"]' }],
    ['<13>1 2024-03-04T09:07:31Z h a - - [x@1 k="never closed] text', { message: '[x@1 k="never closed] text' }],
    ['86 <34>1 2024-03-04T09:07:31Z mail1 su - ID47 - framed', { at, host: 'mail1', message: 'framed' }],
  ]);
  unfit('syslog5424', [
    '<34>Mar  4 09:07:31 mail1 su: the older kind',
    '<192>1 2024-03-04T09:07:31Z h a - - - priority too high',
    '<34>1 2024-03-04 09:07:31 h a - - - blank in the stamp',
    '<34>1 2024-03-04T09:07:31Z h a -',
    '12 34>1 - - - - - - x',
    '<>1 - - - - - - x',
    '<34>',
  ]);
});

describe('apacheError', () => {
  cases('apacheError', [
    [
      '[Mon Mar 04 09:07:31.250123 2024] [core:error] [pid 77:tid 1402] [client 192.0.2.7:40000] AH00126: Invalid URI',
      {
        at: atQuarter,
        severity: 'error',
        process: 'core',
        processId: '77',
        subject: '192.0.2.7',
        message: 'AH00126: Invalid URI',
      },
    ],
    [
      '[Mon Mar 04 09:07:31 2024] [error] [client 192.0.2.7] File does not exist: /var/www/[a]',
      { at, severity: 'error', process: null, subject: '192.0.2.7', message: 'File does not exist: /var/www/[a]' },
    ],
    [
      '[Mon Mar 04 09:07:31 2024] [notice] child 7 up',
      { at, severity: 'notice', subject: null, message: 'child 7 up' },
    ],
    ['[Mon Mar 04 09:07:31 2024] [:warn] [pid 9] PHP Notice', { process: null, severity: 'warning', processId: '9' }],
    ['[Mon Mar 04 09:07:31 2024] [proxy:trace4] [pid 9] x', { severity: 'debug', process: 'proxy' }],
    ['[Mon Mar 04 09:07:31 2024] [error] [client 2001:db8::7] x', { subject: '2001:db8::7' }],
    ['[Mon Mar 04 09:07:31 2024] [a:error] [pid 9] [client 2001:db8::7:40000] x', { subject: '2001:db8::7' }],
    ['[Mon Mar 04 09:07:31 2024] [error] [client 192.0.2.7] [client 6.6.6.6] forged', { subject: '192.0.2.7' }],
    ['[Mon Mar 04 09:07:31 2024] [error] [xyz] open', { message: '[xyz] open' }],
  ]);
  unfit('apacheError', [
    '[Mon Mar 04 09:07:31 2024] no level',
    '[Mon Mar 04 09:07:31 2024] [client 192.0.2.7] no level',
    '[Mon Foo 04 09:07:31 2024] [error] x',
    '[error] x',
    '[',
  ]);
});

describe('nginxError', () => {
  const head = '2024/03/04 09:07:31 [error] 77#78:';
  cases('nginxError', [
    [
      `${head} *5 open() "/srv/a" failed (2: No such file or directory), client: 192.0.2.7, server: a, request: "GET /a HTTP/1.1"`,
      {
        at,
        severity: 'error',
        processId: '77',
        subject: '192.0.2.7',
        message:
          'open() "/srv/a" failed (2: No such file or directory), client: 192.0.2.7, server: a, request: "GET /a HTTP/1.1"',
      },
    ],
    ['2024/03/04 09:07:31 [emerg] 1#1: bind() to 0.0.0.0:80 failed', { severity: 'fatal', subject: null }],
    [`${head} *5 closed, client: 2001:db8::7, server: a`, { subject: '2001:db8::7' }],
    [`${head} *5 *6 text`, { message: '*6 text' }],
    // The path is the client's own text: whom it names must not be believed, and must not hide who it was.
    [`${head} *5 open() "/srv/, client: 6.6.6.6, server: x" failed, client: 192.0.2.7, server: a`, { subject: null }],
    [`${head} *5 x, client: ${'9'.repeat(100)}`, { subject: null }],
  ]);
  unfit('nginxError', [
    '2024/03/04 09:07:31 [error] no process',
    '2024/03/04 09:07:31 [loud] 7#7: x',
    '2024/03/04 [error] 7#7: x',
    '2024-03-04 09:07:31 [error] 7#7: another stamp',
    '2024/03/04 09:07:31 [error',
  ]);
});

describe('windows', () => {
  cases('windows', [
    [
      '{"EventID":4624,"Channel":"Security","Computer":"ws1.corp.example","TimeCreated":"2024-03-04T09:07:31.250Z","Level":"0","SubjectUserName":"WS1$","TargetUserName":"anna","IpAddress":"192.0.2.7","Message":"An account was\\r\\nlogged on."}',
      {
        at: atQuarter,
        severity: 'info',
        host: 'ws1.corp.example',
        process: 'Security',
        kind: '4624',
        user: 'anna',
        subject: '192.0.2.7',
        message: 'An account was\\r\\nlogged on.',
      },
    ],
    [
      '{"@timestamp":"2024-03-04T09:07:31Z","message":"started","host":{"name":"collector"},"log":{"level":"warning"},"winlog":{"event_id":"4688","channel":"Security","computer_name":"ws1","event_data":{"SubjectUserName":"anna","NewProcessName":"C:\\\\x.exe"}}}',
      { at, severity: 'warning', host: 'ws1', process: 'Security', kind: '4688', user: 'anna', message: 'started' },
    ],
    [
      '{"Event":{"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":{"#attributes":{"Qualifiers":1},"#text":7036},"Level":4,"TimeCreated":{"#attributes":{"SystemTime":"2024-03-04T09:07:31.250Z"}},"Channel":"System","Computer":"ws1"},"EventData":{"param1":"x"}}}',
      { at: atQuarter, severity: 'info', host: 'ws1', process: 'System', kind: '7036', user: null },
    ],
    [
      '{"EventTime":"2024-03-04 09:07:31","Hostname":"ws1","Severity":"ERROR","EventID":1,"SourceName":"Microsoft-Windows-Sysmon","ExecutionProcessID":31,"User":"CORP\\\\anna"}',
      { at, severity: 'error', host: 'ws1', process: 'Microsoft-Windows-Sysmon', processId: '31', user: 'anna' },
    ],
    // Numbers as strings, keys twice, names of the event's own data like those of its header.
    ['{"EventID":"7","EventID":"8","Channel":"A","Channel":"B"}', { process: 'A', kind: '7', at: null }],
    [
      '{"EventData":{"Channel":"forged","EventID":"1"},"EventID":2,"Channel":"Security"}',
      { process: 'Security', kind: '2' },
    ],
    [
      '{"EventID":4625,"Channel":"Security","SubjectUserName":"-","TargetUserName":"chosen","IpAddress":"-"}',
      { user: null, subject: null },
    ],
    [
      '{"EventID":1,"Channel":"S","IpAddress":"::ffff:192.0.2.7","SubjectUserName":"SYSTEM"}',
      { subject: '192.0.2.7', user: null },
    ],
    ['{"EventID":1,"Channel":"S","IpAddress":"::1"}', { subject: null }],
    [
      '{"EventID":1,"Channel":"S","Message":{"text":"an object"}}',
      { message: '{"EventID":1,"Channel":"S","Message":{"text":"an object"}}' },
    ],
    ['{"__proto__":{"EventID":9},"constructor":"x","EventID":1,"Channel":"S"}', { kind: '1' }],
  ]);
  unfit('windows', [
    '{"EventID":4624}',
    '{"Channel":"Security"}',
    '{"EventID":"none","Channel":"Security"}',
    '{"EventID":4624,"Channel":"Security"',
    '{"EventID":[4624],"Channel":"Security"}',
    `{"EventID":1,"Channel":"S","deep":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
    `{"EventID":1,"Channel":"S","deep":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`,
  ]);

  it('keeps kinds apart by channel and event id', () => {
    const writers = ['Security', 'System'].flatMap((channel) =>
      [1, 2].map((id) => {
        const raw = `{"Message":"the same","EventID":${id},"Channel":"${channel}"}`;
        return writerOf(raw, parse('windows', raw));
      }),
    );
    expect(writers).toEqual(['Security 1', 'Security 2', 'System 1', 'System 2']);
  });
});

describe('journald', () => {
  const stamp = '"__REALTIME_TIMESTAMP":"1709543251250000"';
  cases('journald', [
    [
      `{${stamp},"PRIORITY":"4","_HOSTNAME":"web1","SYSLOG_IDENTIFIER":"sshd","_COMM":"sshd-session","_PID":"77","_UID":"0","MESSAGE":"hello \\"you\\""}`,
      {
        at: atQuarter,
        severity: 'warning',
        host: 'web1',
        process: 'sshd',
        processId: '77',
        user: null,
        message: 'hello \\"you\\"',
      },
    ],
    [`{${stamp},"_SOURCE_REALTIME_TIMESTAMP":"1709543251000000","_COMM":"a","MESSAGE":"m"}`, { at, process: 'a' }],
    [`{${stamp},"_UID":"1000","MESSAGE":"m"}`, { user: '1000', process: null }],
    [`{${stamp},"_UID":"65534","MESSAGE":"m"}`, { user: null }],
    // Bytes that are no text: what is seen of them is that they are bytes, whatever their amount.
    [`{${stamp},"MESSAGE":[104,105,255]}`, { message: '[' }],
    [
      `{${stamp},"MESSAGE":null,"_COMM":["a","b"]}`,
      { message: `{${stamp},"MESSAGE":null,"_COMM":["a","b"]}`, process: null },
    ],
    [`{${stamp},"PRIORITY":6,"MESSAGE":"number"}`, { severity: 'info' }],
    [`{${stamp},"PRIORITY":"9","MESSAGE":"none"}`, { severity: null }],
    [`{${stamp},"MESSAGE":"first","MESSAGE":"second"}`, { message: 'first' }],
    [`{"nested":{"MESSAGE":"not this"},${stamp},"MESSAGE":"this"}`, { message: 'this' }],
  ]);
  unfit('journald', [
    '{"MESSAGE":"no time"}',
    '{"__REALTIME_TIMESTAMP":"soon","MESSAGE":"m"}',
    `{${stamp},"MESSAGE":"cut`,
    `[{${stamp}}]`,
  ]);
});

describe('auditd', () => {
  const stamp = 'msg=audit(1709543251.250:7):';
  cases('auditd', [
    [
      `type=USER_START ${stamp} pid=77 uid=0 auid=1000 ses=3 msg='op=PAM:session_open acct="anna" exe="/usr/sbin/sshd" hostname=h addr=192.0.2.7 res=success'`,
      {
        at: atQuarter,
        severity: 'info',
        process: '/usr/sbin/sshd',
        processId: '77',
        kind: 'USER_START',
        user: '1000',
        subject: '192.0.2.7',
      },
    ],
    [`type=LOGIN ${stamp} pid=1 uid=0`, { process: null, kind: 'LOGIN', message: 'pid=1 uid=0' }],
    [`node=web1 type=LOGIN ${stamp} pid=1`, { host: 'web1', kind: 'LOGIN' }],
    [
      `type=USER_AUTH ${stamp} pid=1 auid=4294967295 msg='acct="anna" exe="/x" addr=? res=success'`,
      { user: 'anna', subject: null },
    ],
    [
      `type=USER_AUTH ${stamp} pid=1 auid=4294967295 msg='acct="chosen" exe="/x" addr=? res=failed'`,
      { user: null, severity: 'warning' },
    ],
    [`type=USER_AUTH ${stamp} pid=1 auid=1000 msg='acct="root" exe="/usr/bin/su" res=failed'`, { user: '1000' }],
    [`type=CRED_ACQ ${stamp} pid=1 auid=0 msg='acct="root" exe="/usr/sbin/cron" res=success'`, { user: null }],
    [
      `type=SYSCALL ${stamp} arch=c000003e success=no pid=5 auid=1000 comm="cat" exe="/bin/cat"\x1dAUID="anna"`,
      { user: 'anna', severity: 'warning' },
    ],
    [`type=SYSCALL ${stamp} pid=5 comm="a\ntype=EXECVE ${stamp} a0="x" exe="/y"`, { process: '/y' }],
  ]);
  unfit('auditd', [
    'type=LOGIN msg=audit(soon:7): x',
    'type=LOGIN msg=audit(1709543251.250:7)',
    'type= msg=audit(1709543251.250:7): x',
    'node=a',
    `type=${'A'.repeat(5000)} ${stamp} x`,
  ]);
});

describe('log4j', () => {
  cases('log4j', [
    [
      '2024-03-04 09:07:31,250 ERROR [main] com.acme.Pool - broken',
      { at: atQuarter, severity: 'error', process: 'com.acme.Pool', message: 'broken' },
    ],
    ['2024-03-04 09:07:31,250 [main] INFO  Pool:42 - ready', { severity: 'info', process: 'Pool', message: 'ready' }],
    [
      '09:07:31.250 [http-nio-80-exec-1] WARN  c.a.Pool - low',
      { at: null, severity: 'warning', process: 'c.a.Pool', message: 'low' },
    ],
    ['24/03/04 09:07:31 INFO storage.Block: kept', { at, process: 'storage.Block', message: 'kept' }],
    ['2024-03-04 09:07:31,250 - INFO  [Worker:7:Peer@44] - joined', { process: 'Peer', message: 'joined' }],
    ['2024-03-04 09:07:31,250 - WARN  [a[id=1]/0:0:2181:Fast@774] - text', { process: 'Fast', message: 'text' }],
    [
      '[2024-03-04 09:07:31,250] INFO [Log p=0] Rolled (kafka.log.Log)',
      { process: 'kafka.log.Log', message: 'Rolled (kafka.log.Log)' },
    ],
    [
      '2024-03-04T09:07:31.250Z  INFO 412 --- [main] o.a.Server : up',
      { processId: '412', process: 'o.a.Server', message: 'up' },
    ],
    ['2024-03-04T09:07:31.250Z  INFO 412 --- [app] [main] o.a.Server : up', { process: 'o.a.Server', message: 'up' }],
    ['04 Mar 2024 09:07:31,250 DEBUG [main] a.B (B.java:12) - x', { at: atQuarter, process: 'a.B', message: 'x' }],
    ['2024-03-04 09:07:31,250 [INFO ] [main] a.B - x', { severity: 'info', process: 'a.B', message: 'x' }],
    ['2024-03-04 09:07:31,250 ERROR [main] a.B - Broken: -5 left', { message: 'Broken: -5 left' }],
    ['2024-03-04 09:07:31,250 ERROR [main] no logger here', { process: null, message: 'no logger here' }],
    ['2024-03-04 09:07:31,250 FATAL [main] a.B - ', { severity: 'fatal', message: '' }],
  ]);
  unfit('log4j', [
    '2024-03-04 09:07:31 INFO started',
    '2024-03-04 09:07:31,250 [main] a.B - no level',
    '2024-03-04 09:07:31,250 ERRORS [main] a.B - x',
    '25:07:31.250 [main] INFO a.B - no such hour',
    'INFO [main] a.B - no stamp',
    '[2024-03-04 09:07:31,250 INFO [main] a.B - open',
    '\tat a.B.c(B.java:7)',
  ]);
});

describe('every parser', () => {
  const lines: Partial<Record<FormatId, string>> = {
    syslog5424: '86 <34>1 2024-03-04T09:07:31Z mail1 su 77 ID47 [x@1 k="v]"][y a="\\""] su failed',
    apacheError: '[Mon Mar 04 09:07:31.250123 2024] [core:error] [pid 77:tid 1402] [client 192.0.2.7:40000] AH00126: x',
    nginxError: '2024/03/04 09:07:31 [error] 77#78: *5 open() "/a" failed, client: 192.0.2.7, server: a',
    windows:
      '{"EventID":{"#text":1},"Channel":"S","Level":2,"SubjectUserName":"C\\\\anna","IpAddress":"::ffff:192.0.2.7"}',
    journald: '{"__REALTIME_TIMESTAMP":"1709543251250000","PRIORITY":"4","_UID":"1000","MESSAGE":[1,2]}',
    auditd: `node=a type=A msg=audit(1709543251.250:7): pid=1 auid=5 msg='acct="x" exe="/y" addr=1.2.3.4 res=failed'`,
    log4j: '2024-03-04 09:07:31,250 - INFO 4 --- [Worker:7:Peer@44] a.B:42 - joined (a.b.C)',
  };
  const mutated = fc
    .record({
      line: fc.constantFrom(...Object.values(lines)),
      edits: fc.array(
        fc.record({
          at: fc.nat(250),
          gone: fc.nat(12),
          put: fc.constantFrom(
            '',
            ' ',
            '"',
            '\\',
            '[',
            ']',
            '{',
            '}',
            ':',
            '-',
            '=',
            '\n',
            '\0',
            '\ud800',
            '9',
            'x'.repeat(200),
          ),
        }),
        { maxLength: 4 },
      ),
    })
    .map(({ line, edits }) =>
      edits.reduce((text, { at: place, gone, put }) => text.slice(0, place) + put + text.slice(place + gone), line),
    );

  it.each([...formatIds])('%s keeps its spans inside of a line that was tampered with', (format) => {
    fc.assert(
      fc.property(mutated, (raw) => {
        const line = createLineParser(format, { year: 2024, zone: 'UTC' })(raw);
        const { host, process, processId, kind, subject, user, message } = line;
        for (const span of [host, process, processId, kind, subject, user, message]) {
          if (span === null) continue;
          expect(span.start).toBeGreaterThanOrEqual(0);
          expect(span.end).toBeGreaterThanOrEqual(span.start);
          expect(span.end).toBeLessThanOrEqual(raw.length);
        }
        expect(line.at === null || Number.isFinite(line.at)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('reads a field of a megabyte, and gets through a megabyte of nothing but openings', () => {
    const long = 'x'.repeat(1 << 20);
    expect(parse('windows', `{"EventID":1,"Channel":"S","Message":"${long}"}`).fits).toBe(true);
    expect(parse('journald', `{"__REALTIME_TIMESTAMP":"1709543251250000","MESSAGE":"${long}"}`).fits).toBe(true);
    const hostile = ['[', '{"', '"', 'a=', ', client: ', '[x ', '<1>', 'type=A msg=audit(1.1:1): ', '\\'];
    for (const format of formatIds) {
      for (const opening of hostile) parse(format, opening.repeat(Math.ceil((1 << 20) / opening.length)));
    }
  });
});
