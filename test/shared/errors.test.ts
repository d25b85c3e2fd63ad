/** @file What is printed of errors. Catches a log, or the name of a file, that steers the terminal of whoever reads what went wrong. */
import { expect, test } from 'vitest';
import { AppError, forStderr } from '../../src/shared/errors.ts';
import { ProgressLine } from '../../src/main/cli/progress.ts';

const hostile = '\u001B[2J\u009B1A\u0007\r\u202Egol.txt';
const shown = '␛[2JU+009B1A␇␍U+202Egol.txt';

test('what an error quotes is printed with marks for what a terminal would obey', () => {
  expect(forStderr(new AppError('BAD_INPUT', `${hostile} is no log.\n\tTry another.`))).toBe(
    `${shown} is no log.\n\tTry another.`,
  );
  expect(forStderr(hostile)).toBe(shown);
});

test('a bug is printed with its stack and what it came of, and neither steers', () => {
  const text = forStderr(new TypeError(`no ${hostile}`, { cause: new Error(hostile, { cause: hostile }) }));
  expect(text).toContain(`TypeError: no ${shown}\n    at `);
  expect(text).toContain(`It came of: Error: ${shown}\n    at `);
  expect(text.endsWith(`It came of: ${shown}`)).toBe(true);
  for (const character of '\u001B\u009B\u0007\r\u202E') expect(text).not.toContain(character);
});

test('the name of what is worked on does not steer the line of progress', () => {
  let printed = '';
  const { write } = process.stderr;
  process.stderr.write = (chunk: string | Uint8Array): boolean => {
    printed += String(chunk);
    return true;
  };
  const job = { subject: hostile, step: 'reading', share: null, remainingMs: null, lineCount: null, training: null };
  try {
    new ProgressLine().show(job, 0);
  } finally {
    process.stderr.write = write;
  }
  expect(printed.replace(/^\r|\n$/g, '')).toBe(`${shown}, reading`);
});
