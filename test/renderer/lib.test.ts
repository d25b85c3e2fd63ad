/** @file Heat segments, command ranking, folded sessions, loss curves, first lines, report styles. */
import { describe, expect, it } from 'vitest';
import type { SessionEvent } from '../../src/shared/alerts.ts';
import { linesOf } from '../../src/renderer/lib/firstLines.ts';
import { fuzzyMatch, markedRuns, rankBy } from '../../src/renderer/lib/fuzzy.ts';
import { heatLevel, heatPieces, heatSegments, mostSurprising, surprisingIndexes } from '../../src/renderer/lib/heat.ts';
import { splitStyles } from '../../src/renderer/lib/reportPreview.ts';
import { briefKind, briefText, sessionItems } from '../../src/renderer/lib/session.ts';

describe('heat', () => {
  it('steps at 1, 2, 4, 7, 10 and 14 bits', () => {
    expect([0, 0.9, 1, 2, 4, 7, 9.9, 10, 14, 99].map(heatLevel)).toEqual([0, 0, 1, 2, 3, 4, 4, 5, 6, 6]);
  });

  it('covers the line without gap or overlap, whatever the spans', () => {
    const text = 'sudo shred file';
    const segments = heatSegments(text, [
      { start: 11, end: 99, bits: 3 },
      { start: 5, end: 10, bits: 14.2 },
      { start: 7, end: 12, bits: 9 },
      { start: 40, end: 50, bits: 9 },
    ]);
    expect(segments.map((segment) => segment.text).join('')).toBe(text);
    for (const [index, segment] of segments.entries()) expect(segment.start).toBe(segments[index - 1]?.end ?? 0);
    expect(segments.find((segment) => segment.text === 'shred')?.level).toBe(6);
  });

  it('is cut where values begin and end, and stays the line', () => {
    const text = 'sudo shred /srv/q3.db now';
    const segments = heatSegments(text, [
      { start: 5, end: 14, bits: 9 },
      { start: 16, end: 18, bits: 3 },
    ]);
    const parts = [
      { start: 0, end: 4, kind: 'process' as const },
      { start: 11, end: 21, kind: 'path' as const },
    ];
    const pieces = heatPieces(segments, parts);
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
    expect(
      pieces
        .filter(({ part }) => part?.kind === 'path')
        .map((piece) => piece.text)
        .join(''),
    ).toBe('/srv/q3.db');
    expect(pieces.filter(({ part }) => part === null).map((piece) => piece.text)).toEqual([' ', 'shred ', ' now']);
    expect(heatPieces(heatSegments('', []), parts)).toEqual([]);
  });

  it('walks surprising parts only, from the most surprising one', () => {
    const segments = heatSegments('a b c', [
      { start: 0, end: 1, bits: 1.5 },
      { start: 2, end: 3, bits: 5 },
      { start: 4, end: 5, bits: 12 },
    ]);
    expect(surprisingIndexes(segments).map((index) => segments[index]?.text)).toEqual(['b', 'c']);
    expect(segments[mostSurprising(segments)]?.text).toBe('c');
    expect(mostSurprising(heatSegments('quiet', []))).toBe(-1);
  });
});

describe('ranking of commands', () => {
  const titles = ['Undo the last verdict', 'Undetermined', 'Open a log', 'Models', 'Dark or light'];
  const best = (query: string): string | undefined => rankBy(query, titles, (title) => title)[0]?.item;

  it('prefers whole words, then starts of words', () => {
    expect(best('undo')).toBe('Undo the last verdict');
    expect(best('log')).toBe('Open a log');
    expect(best('dol')).toBe('Dark or light');
    expect(best('zzz')).toBeUndefined();
  });

  it('marks what matched', () => {
    const match = fuzzyMatch('und', 'Undetermined');
    expect(markedRuns('Undetermined', match?.positions ?? [])).toEqual([
      { text: 'Und', isMatch: true },
      { text: 'etermined', isMatch: false },
    ]);
  });
});

describe('a session', () => {
  it('leaves out what stands before the point of an event', () => {
    expect(briefText({ text: 'sudo: anna : TTY=pts/0 ; COMMAND=/usr/bin/id', aside: { start: 6, end: 33 } })).toBe(
      'sudo: …/usr/bin/id',
    );
  });

  const event = (index: number, isCulprit = false): SessionEvent => ({
    eventId: index,
    lineNumber: index,
    at: null,
    text: `event ${index}`,
    aside: null,
    templateNumber: 1,
    bits: isCulprit ? 12 : 0.3,
    isCulprit,
    expected: [],
    probability: 0.5,
  });

  it('names expected commands and requests by what tells them apart', () => {
    expect(briefKind('sudo: <USER> : TTY=<PATH> ; PWD=<PATH:home> ; USER=root ; COMMAND=<PATH>/docker ps')).toBe(
      'sudo: …<PATH>/docker ps',
    );
    expect(briefKind('nginx: <IP:private> <NONE> <USER> [<TS> <NUM>] "GET /intranet<PATH>.html HTTP/1.1"')).toBe(
      'nginx: …GET /intranet<PATH>.html HTTP/1.1"',
    );
    expect(briefKind('systemd: Started nginx.service')).toBe('systemd: Started nginx.service');
  });

  it('shows culprits with what stands around them and folds the quiet runs', () => {
    const events = Array.from({ length: 30 }, (_, index) => event(index, index === 20));
    const items = sessionItems(events, new Set());
    expect(items.map((item) => (item.kind === 'event' ? item.index : `${item.amount} from ${item.from}`))).toEqual([
      0,
      '17 from 1',
      18,
      19,
      20,
      21,
      '7 from 22',
      29,
    ]);
    expect(sessionItems(events, new Set([1])).filter((item) => item.kind === 'event')).toHaveLength(23);
  });

  it('is shown whole when it is short, and never folds one or two events', () => {
    expect(sessionItems([event(0), event(1)], new Set())).toHaveLength(2);
    const events = Array.from({ length: 10 }, (_, index) => event(index, index === 2 || index === 7));
    expect(sessionItems(events, new Set()).every((item) => item.kind === 'event')).toBe(true);
  });
});

describe('first lines', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  it('leaves out a line that is cut, but not the last line of the file', () => {
    expect(linesOf(bytes('a\r\nb\nc'), false)).toEqual(['a', 'b']);
    expect(linesOf(bytes('a\nb'), true)).toEqual(['a', 'b']);
    const wide = Buffer.from('\ufeffGrüße\nb', 'utf16le');
    expect(linesOf(wide, true)).toEqual(['Grüße', 'b']);
    expect(linesOf(Buffer.from(wide).swap16(), true)).toEqual(['Grüße', 'b']);
    expect(linesOf(bytes('a\n'), true)).toEqual(['a']);
    expect(linesOf(bytes('one very long line'), false)).toEqual(['one very long line']);
  });
});

describe('the preview of a report', () => {
  it('takes styles out of the head only', () => {
    const report = '<head><style>p{color:red}</style></head><body><p>&lt;style>x&lt;/style></p></body>';
    expect(splitStyles(report)).toEqual({
      markup: '<head></head><body><p>&lt;style>x&lt;/style></p></body>',
      styles: 'p{color:red}',
    });
  });
});
