import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { kindName, tokenKinds } from '../../src/main/text/kinds.ts';
import { tokenize, wordKind } from '../../src/main/text/mask.ts';
import { Scan } from '../../src/main/text/scan.ts';
import { mostTokens, Tokens } from '../../src/main/text/tokens.ts';

const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
const fragment = fc.constantFrom(
  'user ',
  'for ',
  'Invalid user ',
  ' from ',
  'user=',
  'COMMAND=',
  'CMD (',
  '/usr/bin/x',
  'GET /',
  '"GET /a/b.php?x HTTP/1.1" 200 5 "-" "',

  '10.0.0.1',
  ':',
  '::',
  '=',
  '==',
  '/',
  '//',
  '://',
  '\\',
  '\\\\',
  'C:\\',
  '@',
  '.',
  '..',
  '-',
  '--',
  '%',
  '+',
  '()',
  ' () ',
  '"',
  "'",

  '<SEP>',
  '<IP>',
  '<*>',
  '<|endoftext|>',
  '<NUM>',
  'blk_1',
  '0x',
  'Jan ',
  'Mon Jan  1 00:00:00 2024',
  '12:',
  '2024-01-01T',
  '\0',
  '\ud800',
  '\udc00',

  'a'.repeat(130),
  '1'.repeat(40),
  'é',
  '你好',
  ' ',
  '  ',
  '[',
  '] ',
  '{',
  '}',
  '$',
  '_',
  '://x',
  'a=b=c=',
  ' : TTY=',
  '(root) CMD (',
  'rhost=',
  'port ',
  'dpt=',
  '5 ms',
  '12 bytes',
  ' (1.2 KB)',
  ' -',
  '...',
  'x.com',
  ':8080',
  ':8080/',
  '1.2',
  'anna',
);
const text = fc
  .array(fc.oneof({ weight: 3, arbitrary: fragment }, unit), { maxLength: 60 })
  .map((parts) => parts.join(''));
const words = fc.stringMatching(/^[a-z]{1,9}$/);

/** Characters that may not be lost between tokens: letters and digits of ASCII, and all beyond it that is no blank. */
function isMeaning(character: number): boolean {
  const isAscii =
    (character >= 48 && character <= 57) ||
    (character >= 65 && character <= 90) ||
    (character >= 97 && character <= 122);
  const isBlank = [0x85, 0xa0, 0x2028, 0x2029, 0x3000, 0xfeff].includes(character);
  return isAscii || (character >= 128 && !isBlank);
}

describe('tokens of any text', () => {
  it('are ordered, do not overlap, lie in the span, and leave only separators between them', () => {
    fc.assert(
      fc.property(text, fc.nat(5), (raw, cut) => {
        const span = { start: Math.min(cut, raw.length), end: raw.length };
        let from = span.start;
        for (const { start, end } of tokenize(raw, span)) {
          expect(start).toBeGreaterThanOrEqual(from);
          expect(end).toBeGreaterThan(start);
          for (let index = from; index < start; index++) {
            expect(isMeaning(raw.charCodeAt(index)), `lost "${raw[index]}" at ${index} of ${JSON.stringify(raw)}`).toBe(
              false,
            );
          }
          from = end;
        }
        for (let index = from; index < span.end; index++) expect(isMeaning(raw.charCodeAt(index))).toBe(false);
        expect(from).toBeLessThanOrEqual(span.end);
      }),
      // Found by this test: a URL that reaches beyond the part of a key it is in.
      { numRuns: 3000, examples: [['\ud800://x://x=a', 0]] },
    );
  });

  it.each<[string, string[]]>([
    [
      'Pulling image registry.example.com:5000/team/app:1.2',
      ['Pulling', 'image', 'registry.example.com', '5000', 'team', 'app', '1.2'],
    ],
    ['dst=api.example.com:8443/health ok', ['dst=', 'api.example.com', '8443', 'health', 'ok']],
    ['proxy api.example.com:443@x', ['proxy', 'api.example.com', '443', 'x']],
    ['login user=anna.: ok', ['login', 'user=', 'anna', 'ok']],
  ])('are each read once in %s', (raw, expected) => {
    expect([...tokenize(raw, { start: 0, end: raw.length })].map(({ start, end }) => raw.slice(start, end))).toEqual(
      expected,
    );
  });

  it('are found in as many steps however many dots part them (a call of the stack for every second dot)', () => {
    const steps = vi.spyOn(Scan.prototype, 'hasRoom');
    const wordsAround = (dots: number): string[] => {
      const raw = `exception${'.'.repeat(dots)}a0`;
      return [...tokenize(raw, { start: 0, end: raw.length })].map(({ start, end }) => raw.slice(start, end));
    };
    expect(wordsAround(6)).toEqual(['exception', 'a0']);
    expect(wordsAround(2000)).toEqual(['exception', 'a0']);
    expect(wordsAround(2001)).toEqual(wordsAround(3));
    expect(steps.mock.calls.length).toBeLessThan(30);
    steps.mockRestore();
  });

  it('are at most 128', () => {
    fc.assert(
      fc.property(fc.array(fragment, { minLength: 100, maxLength: 400 }), (parts) => {
        const raw = parts.join(' ');
        expect(tokenize(raw, { start: 0, end: raw.length }).length).toBeLessThanOrEqual(mostTokens);
      }),
      { numRuns: 100 },
    );
  });

  it('are the same into a used object as into a new one', () => {
    const used = new Tokens();
    fc.assert(
      fc.property(text, (raw) => {
        const span = { start: 0, end: raw.length };
        expect([...tokenize(raw, span, used)]).toEqual([...tokenize(raw, span)]);
      }),
      { numRuns: 500 },
    );
  });

  it('never hold what only templates hold', () => {
    fc.assert(
      fc.property(text, (raw) => {
        for (const { kind } of tokenize(raw, { start: 0, end: raw.length })) {
          expect([tokenKinds.value, tokenKinds.address, tokenKinds.addressInside]).not.toContain(kind);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a line that writes placeholders', () => {
  const name = fc.constantFrom(
    ...Object.values(tokenKinds).map((kind) => kindName(kind)),
    '<SEP>',
    '<*>',
    '<|endoftext|>',
    '<BOS>',
  );

  it('has words in their place, never a placeholder', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(name, words), { minLength: 1, maxLength: 30 }), (parts) => {
        // "for X from" and the like make users of words; those words are left out here.
        const raw = parts.filter((part) => !['for', 'user', 'by', 'of', 'from'].includes(part)).join(' ');
        for (const { kind } of tokenize(raw, { start: 0, end: raw.length })) expect(kind).toBe(wordKind);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('time', () => {
  it.each(['a=', '::', '@', '/', '=', 'a:', '1.', '..', '-', '\\', '%', '"GET /', 'user ', '0:', 'x://'])(
    'grows with the length only, for repetitions of %s',
    (piece) => {
      // A scanner that goes back over what it has read would take minutes for these.
      const raw = piece.repeat(400_000 / piece.length);
      expect(tokenize(raw, { start: 0, end: raw.length }).length).toBeLessThanOrEqual(mostTokens);
    },
  );
});
