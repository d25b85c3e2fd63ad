/** @file What a format reads from a line, as text: for tests that set a line beside what is expected of it. */
import { expect, it } from 'vitest';
import { createLineParser } from '../../src/main/ingest/parser.ts';
import type { FormatId, ParsedLine, Span } from '../../src/shared/lines.ts';

export type Expected = {
  at?: string | null;
  severity?: string | null;
  host?: string | null;
  process?: string | null;
  processId?: string | null;
  kind?: string | null;
  subject?: string | null;
  user?: string | null;
  message?: string;
};

export function textOf(raw: string, span: Span | null): string | null {
  return span === null ? null : raw.slice(span.start, span.end);
}

export function parse(format: FormatId, raw: string, year: number | null = 2024): ParsedLine {
  return createLineParser(format, { year, zone: 'UTC' })(raw);
}

/** Fields as text, and only those that are expected. */
function fieldsOf(format: FormatId, raw: string, expected: Expected): Expected {
  const line = parse(format, raw);
  expect(line.fits, `fits: ${raw}`).toBe(true);
  const all: Required<Expected> = {
    at: line.at === null ? null : new Date(line.at).toISOString(),
    severity: line.severity,
    host: textOf(raw, line.host),
    process: textOf(raw, line.process),
    processId: textOf(raw, line.processId),
    kind: textOf(raw, line.kind),
    subject: textOf(raw, line.subject),
    user: textOf(raw, line.user),
    message: raw.slice(line.message.start, line.message.end),
  };
  return Object.fromEntries(Object.entries(all).filter(([key]) => key in expected)) as Expected;
}

export function cases(format: FormatId, samples: readonly [raw: string, expected: Expected][]): void {
  it.each(samples)('%s', (raw, expected) => {
    expect(fieldsOf(format, raw, expected)).toEqual(expected);
  });
}

export function unfit(format: FormatId, lines: readonly string[]): void {
  it.each(lines)('does not fit: %s', (raw) => {
    expect(parse(format, raw)).toMatchObject({ fits: false, at: null, message: { start: 0, end: raw.length } });
  });
}
