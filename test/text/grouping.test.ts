/** @file How the grouping bench assigns lines to references and counts, and templates of made-up lines of the shapes that logs have. */
import { describe, expect, it } from 'vitest';
import { group, groupingAccuracy } from '../bench/grouping.ts';
import { endsWith, piecesOf } from '../bench/references.ts';

const fits = (line: string, template: string): boolean => endsWith(line, piecesOf(template));

describe('a reference template', () => {
  it('fits the end of a line, wildcards standing for something', () => {
    expect(fits('Jun 1 host app: took 5 ms for /x', 'took <*> ms for <*>')).toBe(true);
    expect(fits('Jun 1 host app: took ms for /x', 'took <*> ms for <*>')).toBe(false);
    expect(fits('Jun 1 host app: took 5 ms for ', 'took <*> ms for <*>')).toBe(false);
    expect(fits('Jun 1 host app: took 5 ms for /x again', 'took <*> ms')).toBe(false);
    expect(fits('a b', '<*>')).toBe(true);
  });

  it('begins at the beginning of a word ("active" is not "inactive")', () => {
    expect(fits('node-1 status inactive', 'active')).toBe(false);
    expect(fits('node-1 status active', 'active')).toBe(true);
    // The first place where it could begin is not the only one.
    expect(fits('re-opened file opened file 7', 'opened file <*>')).toBe(true);
  });

  it('is text and no pattern', () => {
    expect(fits('x error (.*) 5', 'error (.*) <*>')).toBe(true);
    expect(fits('x error abc 5', 'error (.*) <*>')).toBe(false);
  });
});

describe('grouping accuracy', () => {
  it('counts lines whose group holds the very lines of the reference, others left out', () => {
    expect(groupingAccuracy([1, 1, 2, 2, 3], ['a', 'a', 'b', 'b', 'b'])).toBe(0.4);
    expect(groupingAccuracy([1, 1, 2, 2, 3], ['a', 'a', 'b', 'b', null])).toBe(1);
    expect(groupingAccuracy([1, 1, 1], ['a', 'a', 'b'])).toBe(0);
  });
});

describe('lines of one kind have one template', () => {
  const head = (second: number): string => `2026-03-04 09:07:${String(10 + second)} INFO store.Blocks - `;
  it.each([
    [
      'sizes, said twice or not',
      ['closed, 5 bytes sent, 1200 bytes (1.17 KB) received', 'closed, 1300 bytes (1.27 KB) sent, 7 bytes received'],
    ],
    ['durations', ['request served in 5 ms', 'request served in 12 seconds', 'request served in 0.2s']],
    [
      'missing values',
      [
        'accepted peer at 10.0.0.1 () with the cluster now',
        'accepted peer at 10.0.0.2 (db.example.com) with the cluster now',
      ],
    ],
    [
      'hosts and addresses, with ports',
      ['db.example.com:5432 open through proxy now', '203.0.113.9:443 open through proxy now'],
    ],
    ['versions and ids', ['agent 1.4.12 of node-17 is up', 'agent 2.0.1 of node-8 is up']],
  ])('%s', (_name, messages) => {
    expect(new Set(group(messages.map((message, index) => head(index) + message))).size).toBe(1);
  });

  it('and those that say something else do not', () => {
    const messages = [
      'block 5 was stored on disk 7',
      'block 5 was removed from disk 7',
      'block 6 was stored on disk 9',
    ];
    const [stored, removed, again] = group(messages.map((message, index) => head(index) + message));
    expect(again).toBe(stored);
    expect(removed).not.toBe(stored);
  });
});
