/** @file The filter language. Catches a printed filter that reads back as another, an error in the wrong place, and text that breaks the parser. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alertStates, reasonKinds } from '../../../src/shared/alerts.ts';
import { verdictValues } from '../../../src/shared/verdicts.ts';
import { applySuggestion, completeFilter } from '../../../src/shared/filter/complete.ts';
import { excludeValue, includeValue, onlyValue, withRange } from '../../../src/shared/filter/edit.ts';
import { nameFields, type Filter } from '../../../src/shared/filter/filter.ts';
import { parseFilter } from '../../../src/shared/filter/parse.ts';
import { printFilter } from '../../../src/shared/filter/print.ts';
import { parseTime, resolveTime } from '../../../src/shared/filter/times.ts';

const bare = (filter: Filter): unknown[] => filter.map(({ span: _span, ...term }) => term);
const problemsOf = (text: string): string[] => parseFilter(text).problems.map(({ message }) => message);

const text = fc.string({ unit: 'binary', maxLength: 20 }).map((value) => value.replace(/\p{Cs}/gu, ''));
const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values);
const some = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 3 });
const comparison = oneOf([':', '>=', '>', '<=', '<'] as const);
const pattern = text.map((value) => ({ text: value, isExact: true }));
const time = fc.oneof(
  fc.record({
    kind: fc.constant('ago' as const),
    amount: fc.nat(9999),
    unit: oneOf(['s', 'm', 'h', 'd', 'w'] as const),
  }),
  fc.record({ kind: fc.constant('day' as const), offset: oneOf([0, -1] as const) }),
  fc.record({
    kind: fc.constant('wall' as const),
    year: fc.integer({ min: 1, max: 9999 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 28 }),
    clock: fc.option(fc.record({ hour: fc.nat(23), minute: fc.nat(59), second: fc.option(fc.nat(59)) })),
  }),
);
const ordered = <T>(field: object, value: fc.Arbitrary<T>) =>
  comparison.chain((sign) =>
    fc.record({ ...field, comparison: fc.constant(sign), values: sign === ':' ? some(value) : fc.tuple(value) }),
  );
const term = fc
  .tuple(
    fc.boolean(),
    fc.oneof(
      text.map((value) => ({ kind: 'words', text: value })),
      fc.record({ kind: fc.constant('state'), values: some(oneOf(alertStates)) }),
      ordered({ kind: fc.constant('severity') }, oneOf([1, 2, 3, 4, 5])),
      ordered(
        { kind: fc.constant('number'), field: oneOf(['score', 'bits']) },
        fc.nat(1000).map((value) => value / 8),
      ),
      fc.record({ kind: fc.constant('name'), field: oneOf(nameFields), values: some(pattern) }),
      fc.record({ kind: fc.constant('template'), values: some(fc.nat(99999)) }),
      fc.record({ kind: fc.constant('reason'), values: some(oneOf(reasonKinds)) }),
      fc.record({ kind: fc.constant('verdict'), values: some(oneOf([...verdictValues, 'any', 'none'])) }),
      fc.record({ kind: fc.constant('owner'), values: some(fc.oneof(oneOf(['me', 'any', 'none']), pattern)) }),
      fc.record({ kind: fc.constant('case'), values: some(fc.oneof(fc.nat(999), oneOf(['any', 'none']))) }),
      fc.record({ kind: fc.constant('text'), field: oneOf(['title', 'line']), values: some(text) }),
      ordered({ kind: fc.constant('time'), field: oneOf(['at', 'raised']) }, time),
      fc.record({ kind: fc.constant('viewed'), isViewed: fc.boolean() }),
    ),
  )
  .map(([isNegated, value]) => ({ isNegated, ...value }));

describe('any filter', () => {
  test('reads back from its text as itself', () => {
    fc.assert(
      fc.property(fc.array(term, { maxLength: 4 }), (terms) => {
        const printed = printFilter(terms as unknown as Filter);
        const { filter, problems } = parseFilter(printed);
        fc.pre(printed.length <= 2000);
        expect(problems).toEqual([]);
        expect(bare(filter)).toEqual(terms);
      }),
      { numRuns: 500 },
    );
  });

  test('is read from any text without a throw, and what it says is wrong lies in the text', () => {
    const pieces = fc.oneof(
      text,
      oneOf(['severity', 'user', ':', '>=', '"', '\\', '-', ',', ' ', '*', 'last', '24h', "' OR 1=1 --"]),
    );
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
        fc.nat(60),
        (input, caret) => {
          const { filter, problems } = parseFilter(input);
          for (const { span } of [...filter, ...problems]) {
            expect(span.start).toBeGreaterThanOrEqual(0);
            expect(span.end).toBeLessThanOrEqual(input.length);
          }
          expect(bare(parseFilter(printFilter(filter)).filter)).toEqual(bare(filter));
          completeFilter(input, Math.min(caret, input.length));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

test('the example of the product reads as meant', () => {
  const { filter, problems } = parseFilter('user:root severity>=high -template:t42 "failed password" last:24h');
  expect(problems).toEqual([]);
  expect(bare(filter)).toEqual([
    { isNegated: false, kind: 'name', field: 'user', values: [{ text: 'root', isExact: true }] },
    { isNegated: false, kind: 'severity', comparison: '>=', values: [4] },
    { isNegated: true, kind: 'template', values: [42] },
    { isNegated: false, kind: 'words', text: 'failed password' },
    { isNegated: false, kind: 'time', field: 'at', comparison: '>=', values: [{ kind: 'ago', amount: 24, unit: 'h' }] },
  ]);
});

test.each([
  ['severity>=hihg', "'hihg' at character 11 is not a severity. Did you mean high?"],
  ['x sevrity:high', "'sevrity' at character 3 is not a field. Did you mean severity?"],
  ['http://evil', "'http' at character 1 is not a field. To look for it as text, put it in quotes."],
  ['user>root', 'user has no order: write user:value.'],
  ['user:', 'user at character 1 needs a value: user:root.'],
  ['a "b', 'The quote at character 3 is not closed.'],
  ['verdict:ture', "'ture' at character 9 is not a verdict. Did you mean true?"],
  [
    'after:2026-02-31',
    "'2026-02-31' at character 7 is not a time. It takes 24h, today, 2026-11-20 or 2026-11-20T12:31.",
  ],
])('%s is refused where it is wrong', (input, message) => {
  expect(problemsOf(input)).toEqual([message]);
});

test('an address with colons, a time of day and a comparison are values and words, not fields', () => {
  expect(problemsOf('address:fe80::1,::1 12:30:00 >=5 - --x')).toEqual([]);
});

describe('completion', () => {
  test('gives the names of fields, and behind an operator the values', () => {
    expect(completeFilter('sev', 3).suggestions[0]?.text).toBe('severity:');
    expect(completeFilter('x severity>=h', 13)).toMatchObject({
      span: { start: 12, end: 13 },
      suggestions: [{ text: 'high' }],
    });
    expect(completeFilter('reason:who', 10).suggestions).toEqual([
      { text: 'who_where', hint: 'user, network, host or hour' },
    ]);
    expect(completeFilter('host:we', 7).asks).toEqual({ field: 'host', typed: 'we' });
    expect(completeFilter('host:a,we', 9)).toMatchObject({
      span: { start: 7, end: 9 },
      asks: { field: 'host', typed: 'we' },
    });
  });

  test('puts a name before the operator that is there, and quotes a value that needs it', () => {
    expect(applySuggestion('sev', { start: 0, end: 3 }, 'severity:')).toEqual({ text: 'severity:', caret: 9 });
    expect(applySuggestion('sev>=high', { start: 0, end: 3 }, 'severity:')).toEqual({
      text: 'severity>=high',
      caret: 10,
    });
    expect(applySuggestion('user:a x', { start: 5, end: 6 }, 'anna "w"').text).toBe('user:"anna \\"w\\"" x');
  });
});

describe('picking a value', () => {
  test('includes beside another of the field, excludes what was included, and takes hostile text as data', () => {
    expect(includeValue('host:a x', { field: 'host', value: 'b' })).toBe('host:a,b x');
    expect(excludeValue('host:a,b x', { field: 'host', value: 'a' })).toBe('host:b x -host:a');
    expect(excludeValue('-host:a', { field: 'host', value: 'b' })).toBe('-host:a,b');
    expect(onlyValue({ field: 'user', value: '" state:muted -"' })).toBe('user:"\\" state:muted -\\""');
    expect(bare(parseFilter(includeValue('', { field: 'user', value: 'a*' })).filter)).toMatchObject([
      { values: [{ text: 'a*', isExact: true }] },
    ]);
  });

  test('a brushed range takes the place of the one that was there', () => {
    expect(withRange('x last:24h', '2026-11-20T09:00', '2026-11-20T10:00')).toBe(
      'x at>=2026-11-20T09:00 at<2026-11-20T10:00',
    );
  });
});

test('a day is the day of the zone, also where the clock changes in it', () => {
  const now = Date.UTC(2026, 9, 25, 12);
  const day = resolveTime(parseTime('2026-10-25') as never, { now, zone: 'Europe/Berlin' });
  expect(new Date(day.from).toISOString()).toBe('2026-10-24T22:00:00.000Z');
  expect(new Date(day.to).toISOString()).toBe('2026-10-25T23:00:00.000Z');
  expect(resolveTime({ kind: 'day', offset: -1 }, { now, zone: 'Asia/Tokyo' }).from).toBe(Date.UTC(2026, 9, 23, 15));
});
