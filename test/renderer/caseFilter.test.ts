/** @file Which cases are listed and what their mean times are of. Catches a filter that lets others in, and a mean over all. */
import { expect, test } from 'vitest';
import type { CaseRow } from '../../src/shared/cases.ts';
import { everyCase, filteredCases, meanTimes, nobody } from '../../src/renderer/lib/caseFilter.ts';

const day = 86_400_000;
const now = 100 * day;
const row = (more: Partial<CaseRow>): CaseRow =>
  ({ severity: 3, owner: null, raisedAt: now - day, viewedAt: now - day + 60_000, closedAt: null, ...more }) as CaseRow;
const rows = [
  row({ severity: 5, owner: 'kim', closedAt: now }),
  row({ severity: 2, raisedAt: now - 40 * day, viewedAt: now - 40 * day }),
  row({ severity: null }),
];

test('cases are those of the severity, the owner and the days asked for, and so are the means', () => {
  const of = (more: Partial<typeof everyCase>) =>
    filteredCases(rows, { ...everyCase, ...more }, now).map((one) => rows.indexOf(one));
  expect([of({}), of({ leastSeverity: 3 }), of({ owner: nobody }), of({ days: 30 })]).toEqual([
    [0, 1, 2],
    [0],
    [1, 2],
    [0, 2],
  ]);
  expect(meanTimes(rows.slice(0, 1))).toEqual({ acknowledgedMs: 60_000, resolvedMs: day, resolvedCount: 1 });
  expect(meanTimes([])).toEqual({ acknowledgedMs: null, resolvedMs: null, resolvedCount: 0 });
});
