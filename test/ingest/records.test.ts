/** @file Lines joined into events. Catches a line that is lost, taken twice or put to an event that is not its own. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineParser } from '../../src/main/ingest/parser.ts';
import { createJoiner } from '../../src/main/ingest/records.ts';
import { formatIds, type FormatId } from '../../src/shared/lines.ts';
import { textOf } from './fields.ts';

type JoinedEvent = { raw: string; firstLine: number; rawBytes?: Uint8Array };

/** As an import does it: blank lines only pause. */
function join(format: FormatId, lines: readonly string[], bytes = new Map<number, Uint8Array>()): JoinedEvent[] {
  const events: JoinedEvent[] = [];
  const joiner = createJoiner(format, (raw, firstLine, rawBytes) =>
    events.push({ raw, firstLine, ...(rawBytes ? { rawBytes } : {}) }),
  );
  lines.forEach((line, index) => {
    if (line.trim() === '') joiner.pause();
    else joiner.push(line, index + 1, bytes.get(index));
  });
  joiner.finish();
  return events;
}

const record = (serial: number, type: string, rest = 'x=1'): string =>
  `type=${type} msg=audit(1709543251.250:${serial}): ${rest}`;

describe('audit records', () => {
  it('make one event where they have one serial, also mixed with those of another', () => {
    const lines = [
      record(7, 'SYSCALL'),
      record(8, 'SYSCALL'),
      record(7, 'EXECVE'),
      record(8, 'PROCTITLE'),
      record(7, 'EOE'),
      record(8, 'EOE'),
      record(9, 'LOGIN'),
    ];
    expect(join('auditd', lines)).toEqual([
      { firstLine: 1, raw: [lines[0], lines[2], lines[4]].join('\n') },
      { firstLine: 2, raw: [lines[1], lines[3], lines[5]].join('\n') },
      { firstLine: 7, raw: lines[6] },
    ]);
  });

  it('of another machine or another time are another event, whatever their serial', () => {
    const lines = [record(7, 'LOGIN'), `node=b ${record(7, 'LOGIN')}`, record(7, 'LOGIN').replace('.250', '.251')];
    expect(join('auditd', lines)).toHaveLength(3);
  });

  it('need no end mark, and lines that are none stand alone', () => {
    const lines = [record(7, 'SYSCALL'), 'rubbish', '', record(7, 'PATH'), record(8, 'LOGIN')];
    expect(join('auditd', lines).map(({ firstLine, raw }) => [firstLine, raw.split('\n').length])).toEqual([
      [1, 2],
      [2, 1],
      [5, 1],
    ]);
  });

  it('behind the end mark, or behind 64 other events, begin an event of their own', () => {
    const ended = [record(7, 'SYSCALL'), record(7, 'EOE'), record(7, 'PATH')];
    expect(join('auditd', ended).map(({ firstLine }) => firstLine)).toEqual([1, 3]);
    const others = Array.from({ length: 64 }, (_, index) => record(100 + index, 'LOGIN'));
    const far = join('auditd', [record(7, 'SYSCALL'), ...others, record(7, 'PATH')]);
    expect(far.filter(({ raw }) => raw.includes(':7)')).map(({ firstLine }) => firstLine)).toEqual([1, 66]);
  });

  it('are bounded in an event, and those beyond are not lost', () => {
    const flood = Array.from({ length: 1201 }, () => record(7, 'PATH'));
    expect(join('auditd', flood).map(({ raw }) => raw.split('\n').length)).toEqual([500, 500, 201]);
    const long = record(7, 'PATH', 'y'.repeat(400_000));
    expect(join('auditd', [long, long, long]).map(({ firstLine }) => firstLine)).toEqual([1, 3]);
  });

  it('are read as one: the program and the address that a later record names are those of the event', () => {
    const raw = [record(7, 'LOGIN', 'pid=4 auid=1000'), record(7, 'SYSCALL', 'exe="/bin/su" addr=192.0.2.7')].join(
      '\n',
    );
    const parsed = createLineParser('auditd', { year: null, zone: null })(raw);
    expect([textOf(raw, parsed.process), textOf(raw, parsed.subject), textOf(raw, parsed.kind)]).toEqual([
      '/bin/su',
      '192.0.2.7',
      'LOGIN',
    ]);
    expect(parsed.message.end).toBe(raw.length);
  });
});

describe('stack traces', () => {
  const failed = '2024-03-04 09:07:31,250 ERROR [main] a.B - failed';
  const trace = [
    'java.lang.IllegalStateException: boom',
    '\tat a.B.c(B.java:7)',
    '    ... 12 more',
    'Caused by: java.io.IOException: disk',
    '\tat a.B.d(B.java:9)',
    '\tSuppressed: x',
  ];
  const next = '2024-03-04 09:07:32,250 INFO  [main] a.B - going on';

  it.each(['log4j', 'stamped'] as const)('of %s belong to their line', (format) => {
    expect(join(format, [failed, ...trace, next])).toEqual([
      { firstLine: 1, raw: [failed, ...trace].join('\n') },
      { firstLine: 8, raw: next },
    ]);
  });

  it('end at a blank line, and stand alone at the start of a file', () => {
    expect(join('log4j', [...trace.slice(1), '', '\tat z', failed]).map(({ firstLine }) => firstLine)).toEqual([
      1, 7, 8,
    ]);
  });

  it('are kept, but their frames do not make another kind of line', () => {
    const raw = [failed, ...trace].join('\n');
    const parsed = createLineParser('log4j', { year: null, zone: null })(raw);
    expect(textOf(raw, parsed.message)).toBe('failed\njava.lang.IllegalStateException: boom');
    expect(textOf(raw, parsed.process)).toBe('a.B');
  });

  it('do not swallow text that is none, nor a format whose lines stand for themselves', () => {
    expect(join('log4j', [failed, 'plain words', 'a.b.c lower', 'Error: x', next])).toHaveLength(5);
    expect(join('syslog3164', ['Mar  4 09:07:31 a b: c', '\tindented'])).toHaveLength(2);
  });

  it('keep the exact bytes of all lines where one of them is no text', () => {
    const bad = Uint8Array.of(9, 0xff);
    const [event] = join('log4j', [failed, '\t\ufffd', '\té'], new Map([[1, bad]]));
    expect(Buffer.from(event?.rawBytes ?? [])).toEqual(
      Buffer.concat([Buffer.from(`${failed}\n`), bad, Buffer.from('\n\té')]),
    );
  });
});

describe('every joiner', () => {
  const line = fc.oneof(
    fc
      .record({ serial: fc.nat(5), type: fc.constantFrom('SYSCALL', 'PATH', 'EOE'), id: fc.nat(999) })
      .map(({ serial, type, id }) => record(serial, type, `id=${id}`)),
    fc.constantFrom(
      '',
      '  ',
      '\tat x',
      'Caused by: y',
      'a.b.C: z',
      '2024-03-04 09:07:31 INFO a.B: x',
      'type=A',
      'words',
    ),
    fc.string({ maxLength: 20 }).map((text) => text.replace(/[\r\n]/g, '')),
  );

  it.each([...formatIds])('of %s hands on each line once, in the order of first lines', (format) => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 120 }), (lines) => {
        const events = join(format, lines);
        const given = lines.filter((one) => one.trim() !== '');
        expect(events.flatMap(({ raw }) => raw.split('\n')).toSorted()).toEqual(given.toSorted());
        const firstLines = events.map(({ firstLine }) => firstLine);
        expect(firstLines).toEqual([...new Set(firstLines)].toSorted((a, b) => a - b));
        for (const { raw, firstLine } of events) expect(lines[firstLine - 1]).toBe(raw.split('\n')[0]);
      }),
      { numRuns: 60 },
    );
  });

  it('makes the same events again from the start, up to wherever it was cut off', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 200 }), fc.nat(200), (lines, cut) => {
        const whole = join('auditd', lines);
        const handed: JoinedEvent[] = [];
        const joiner = createJoiner('auditd', (raw, firstLine) => handed.push({ raw, firstLine }));
        lines.slice(0, cut).forEach((one, index) => one.trim() !== '' && joiner.push(one, index + 1, undefined));
        expect(whole.slice(0, handed.length)).toEqual(handed);
      }),
      { numRuns: 60 },
    );
  });
});
