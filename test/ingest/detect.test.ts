import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectFormat } from '../../src/main/ingest/detect.ts';
import { createLineParser } from '../../src/main/ingest/parser.ts';
import { formatIds } from '../../src/shared/lines.ts';

const samples: Readonly<Record<string, readonly string[]>> = {
  syslog3164: ['Mar  4 09:07:31 web1 sshd[2210]: hello', 'Mar  4 09:07:32 web1 kernel: hello'],
  combined: ['192.0.2.7 - - [10/Oct/2023:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326 "-" "curl"'],
  syslog5424: ['<34>1 2024-03-04T09:07:31Z mail1 su - ID47 - x', '<165>1 - - - - - - y'],
  apacheError: [
    '[Mon Mar 04 09:07:31 2024] [error] [client 192.0.2.7] no such file',
    '[Mon Mar 04 09:07:31.250000 2024] [core:notice] [pid 9:tid 1] AH00094: up',
  ],
  nginxError: ['2024/03/04 09:07:31 [error] 77#78: *5 open() failed, client: 192.0.2.7, server: a'],
  windows: [
    '{"EventID":4624,"Channel":"Security","Computer":"ws1","TimeCreated":"2024-03-04T09:07:31Z"}',
    '{"@timestamp":"2024-03-04T09:07:31Z","winlog":{"channel":"System","event_id":"7036","computer_name":"ws1"}}',
  ],
  journald: ['{"__REALTIME_TIMESTAMP":"1709543251250000","_HOSTNAME":"web1","MESSAGE":"x"}'],
  auditd: ['type=LOGIN msg=audit(1709543251.250:7): pid=1 uid=0'],
  log4j: ['2024-03-04 09:07:31,250 INFO [main] a.B: x', '09:07:32.250 [main] WARN  a.B - y'],
  stamped: ['2024-03-04 09:07:31 connected', '2024-03-04 09:07:32 disconnected'],
  jsonl: ['{"time":"2024-03-04T09:07:31Z","msg":"x"}'],
  bgl: ['- 1120000000 2005.06.28 R07 2005-06-28-16.06.40.120450 R07 RAS KERNEL INFO x'],
  plain: ['just some words', 'and others'],
};

describe('detectFormat', () => {
  it.each(Object.entries(samples))('knows %s by its lines', (format, lines) => {
    expect(detectFormat(lines)).toMatchObject({ format, share: 1 });
  });

  it('does not count blank lines and stack traces against a format', () => {
    const lines = [
      ...(samples['stamped'] ?? []),
      '',
      '\tat a.B.c(B.java:7)',
      '  ... 3 more',
      'Caused by: x.Y',
      '\tat z',
    ];
    expect(detectFormat(lines)).toMatchObject({ format: 'stamped', share: 1 });
  });

  it('takes the more specific of formats that fit about as well, also where a stray line fits it not', () => {
    const event = samples['windows']?.[0] ?? '';
    const events = Array.from({ length: 99 }, () => event);
    expect(detectFormat([...events, '{"time":"2024-03-04T09:07:31Z","msg":"x"}'])).toMatchObject({
      format: 'windows',
      share: 0.99,
    });
    expect(detectFormat([...events.slice(0, 60), ...Array.from({ length: 40 }, () => '{"msg":"x"}')]).format).toBe(
      'jsonl',
    );
  });

  it('reads a file as plain where only strays fit', () => {
    const detected = detectFormat([...(samples['jsonl'] ?? []), 'one', 'two', 'three']);
    expect(detected).toMatchObject({ format: 'plain', share: 1 });
    expect(detected.ranking).toContainEqual({ format: 'jsonl', share: 0.25 });
  });

  it('ranks every format, and survives no lines at all', () => {
    expect(detectFormat([]).format).toBe('plain');
    expect(
      detectFormat([])
        .ranking.map(({ format }) => format)
        .toSorted(),
    ).toEqual([...formatIds].toSorted());
  });
});

describe('every parser on hostile text', () => {
  const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
  const fragment = fc.constantFrom(
    'Mar  4 09:07:31 ',
    'web1 ',
    'sshd[1]: ',
    '2024-03-04T09:07:31Z ',
    '[',
    ']',
    '"',
    '\\',
    '{"',
    '":',
    ',',
    '- ',
    '1117838570 ',

    '2005.06.03 ',
    '1709543251 ',
    '192.0.2.7 - - [10/Oct/2023:13:55:36 -0700] ',
    '<13>',
    '<34>1 ',
    'type=A msg=audit(',
    '|',
    ':',
    '  ',
    '20240304-9:7:31:250|',
    'INFO ',
    '03-04 09:07:31.250  1 2 D ',
    'time="',
    '\0',
    '\ud800',
    'x'.repeat(300),
  );
  const hostile = fc.array(fc.oneof(fragment, unit), { maxLength: 30 }).map((parts) => parts.join(''));

  it.each([...formatIds])('%s keeps its spans inside of the line, in order and trimmed', (format) => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (lines) => {
        const parse = createLineParser(format, { year: 2024, zone: 'Europe/Berlin' });
        for (const raw of lines) {
          const line = parse(raw);
          for (const span of [line.host, line.process, line.processId, line.subject, line.user, line.message]) {
            if (span === null) continue;
            expect(span.start).toBeGreaterThanOrEqual(0);
            expect(span.end).toBeGreaterThanOrEqual(span.start);
            expect(span.end).toBeLessThanOrEqual(raw.length);
          }
          expect(line.at === null || Number.isFinite(line.at)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
