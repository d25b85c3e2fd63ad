/** @file Answers against their evidence. Catches a talked-away verdict that shows as an honest answer, and an invented number that shows as a given one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkAnswer } from '../../src/main/explanation/check.ts';
import { evidenceText } from '../../src/main/explanation/evidence.ts';
import { evidenceOf } from './evidence.ts';

const evidence = evidenceText(evidenceOf());
const marked = (text: string, kind: 'harmless' | 'unknown'): string[] =>
  checkAnswer(text, evidence).marks.flatMap((mark) => (mark.kind === kind ? [text.slice(mark.start, mark.end)] : []));

const harmless = [
  'This is normal behaviour.',
  'The activity appears to be benign.',
  'It is likely a false positive.',
  'This can be safely ignored.',
  'There is no cause for concern.',
  'There is no evidence of an attack.',
  'The sequence is not anomalous.',
  "This isn't suspicious.",
  'Nothing unusual happened here.',
  'It is just routine maintenance.',
  'The login was authorized.',
  'This seems to be a perfectly legitimate login.',
  'Verdict: benign',
  'Normal. The lines are part of a backup.',
  'You may dismiss it.',
  'The alert should be closed.',
  'No action is needed.',
  'Anomalous. But it is completely harmless.',
  'It looks like a planned change.',
  'The event is considered safe.',
  'This reflects expected activity.',
];
const honest = [
  'Anomalous. Line 214 surprised the model by 14.2 bits.',
  'This is not normal.',
  'The event is not what is expected here.',
  'It is more unusual than normal events.',
  'The sequence deviates from the normal order of events.',
  'The model expected that the connection is closed instead.',
  'It is unlike normal activity.',
  'This may be an attack and should not be ignored.',
  'Such a login is never routine.',
  'A password was accepted rather than the expected end of the connection.',
  'That share of normal events is as unusual.',
  'An alert like it, A-3, was decided as an attack.',
];

describe('claims that an alert is harmless', () => {
  test.each(harmless)('%s', (text) => expect(marked(text, 'harmless')).not.toEqual([]));
  test.each(honest)('none: %s', (text) => expect(marked(text, 'harmless')).toEqual([]));
});

describe('what is in no evidence', () => {
  test.each([
    ['It came from 203.0.113.99.', '203.0.113.99'],
    ['It came from 10.20.7.4.', '10.20.7.4'],
    ['It surprised by 99.9 bits.', '99.9'],
    ['See https://evil.example/fix for more.', 'https://evil.example/fix'],
    ['Write to help@evil.example now.', 'help@evil.example'],
    ['This is T1110.001.', 'T1110.001'],
    ['There were 4,000 failed logins.', '4,000'],
    ['The p-value is 0.5.', '0.5'],
    ['With 37 % probability.', '37'],
    ['A-4 was the same.', 'A-4'],
    ['It is CVE-2024-3094.', 'CVE-2024-3094'],
  ])('%s', (text, word) => expect(marked(text, 'unknown')).toEqual([word]));

  test.each([
    'Line 214 surprised the model by 14.2 bits, about 14.',
    'The p-value is 0.000041, against a threshold of 0.001 (0.1%).',
    'With a probability of 61% a connection was expected to close.',
    'Root logged in from 10.20.7.44 on port 51022, after line 213.',
    'A-3 is 92% alike.',
    '1. The first of two events.\n2. The second.',
    'One in 1,000 events; the user is root on gw1.',
  ])('all known: %s', (text) => expect(marked(text, 'unknown')).toEqual([]));
});

test('marks are in order, apart, and within the text, whatever is written', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(...harmless, ...honest, '10.0.0.1', '<b>', '\u202E', '1e999', '-', '99%%', 'http://', '...'),
        { maxLength: 12 },
      ),
      fc.string({ unit: 'binary', maxLength: 60 }),
      (parts, noise) => {
        const text = parts.join(' ') + noise;
        let end = 0;
        for (const mark of checkAnswer(text, evidence).marks) {
          expect(mark.start).toBeGreaterThanOrEqual(end);
          expect(mark.end).toBeGreaterThan(mark.start);
          end = mark.end;
        }
        expect(end).toBeLessThanOrEqual(text.length);
      },
    ),
    { numRuns: 60 },
  );
});

test('an answer that does not begin as it was asked to is told apart', () => {
  expect(checkAnswer('Anomalous. A login.', evidence).restatesVerdict).toBe(true);
  expect(checkAnswer('This sequence was flagged as anomalous, since a login came.', evidence).restatesVerdict).toBe(
    true,
  );
  for (const text of ['', 'Alles in Ordnung.', 'This is not anomalous.', 'OK. It is anomalous.', '正常。'])
    expect(checkAnswer(text, evidence).restatesVerdict).toBe(false);
});
