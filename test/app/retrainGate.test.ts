/**
 * @file The gate of retrained models. Catches one that compares two models on what is under an open alert, of which neither is known to be right, and one that
 * decides by verdicts that are others now.
 */
import { expect, it } from 'vitest';
import { gateChecksOf, judgedAnew, type HeldOutVerdict } from '../../src/main/app/retraining/gate.ts';
import { DiffGatherer } from '../../src/main/app/retraining/diff.ts';
import type { HeldRows } from '../../src/main/app/detection/heldBack.ts';
import { Random } from '../../src/shared/random.ts';
import { rowDoubt } from '../../src/shared/rowDoubt.ts';

const rowCount = 2000;
const isInDoubt = (row: number): boolean => row % 5 === 4;

/** One row in five lies under an alert, where the model finds this many bits; elsewhere all find the same. */
function heldRows(bitsInDoubt: (row: number) => number): HeldRows {
  const random = new Random(1);
  const normal = Float32Array.from({ length: rowCount }, () => random.between(1, 6));
  return {
    columns: [{ id: 'key', scores: normal.map((bits, row) => (isInDoubt(row) ? bitsInDoubt(row) : bits)) }],
    kinds: new Float64Array(rowCount).fill(1),
    tables: new Int32Array(rowCount),
    doubt: Uint8Array.from({ length: rowCount }, (_, row) =>
      isInDoubt(row) ? (row % 2 === 0 ? rowDoubt.doubtful : rowDoubt.undecidedAlert) : rowDoubt.none,
    ),
    perplexities: new Float64Array(rowCount).fill(2),
  };
}

it('compares on what is known to be normal: that a model finds an open attack more unusual is held against nothing', () => {
  const checksOf = (after: HeldRows) =>
    gateChecksOf({ heldOut: [], rows: { before: heldRows(() => 2), after }, lost: { count: 0, of: 0 } });
  const found = checksOf(heldRows(() => 2));
  const same = found.checks;
  const normalCount = (4 / 5) * rowCount;
  // Bug: what lies under an open alert was told among the normal events.
  expect(found.normalEvents).toBe(normalCount);
  expect(same.filter(({ isHeld }) => isHeld === false)).toEqual([]);
  expect(same.find(({ id }) => id === 'likelihood')?.after.of).toBe(normalCount);
  expect(same.find(({ id }) => id === 'ranks')?.after).toMatchObject({ value: 1, of: normalCount });
  expect(same.find(({ id }) => id === 'false_alarms')?.after.of).toBe(0.4 * normalCount);
  // In another order, and far more or less of it.
  expect(checksOf(heldRows((row) => 40 - row / 100))).toEqual(found);
  expect(checksOf(heldRows(() => 0))).toEqual(found);
});

it('says anew what verdicts tell, all of it, and keeps what normal events told', () => {
  const heldOut: HeldOutVerdict[] = [
    { isThreat: true, before: true, after: true },
    { isThreat: true, before: true, after: true },
    { isThreat: false, before: true, after: false },
  ];
  const rows = { before: heldRows(() => 2), after: heldRows(() => 2) };
  const replay = new DiffGatherer({ before: 3, after: 3 }).finish({ alerts: 9, distinctWindows: 9, elapsedMs: 1 });
  const report = {
    heldOut: { threats: 2, harmless: 1 },
    checks: gateChecksOf({ heldOut, rows, lost: { count: 0, of: 2 } }).checks,
    replay,
  };
  expect(judgedAnew(report, { replay, threats: 2, heldOut })).toEqual(report);
  // One threat was taken back; the other, and what was none, are said to be threats now, and it raises neither.
  const now = judgedAnew(report, {
    replay: { ...replay, lost: { count: 2, first: [] } },
    threats: 5,
    heldOut: [
      { isThreat: true, before: true, after: false },
      { isThreat: true, before: true, after: false },
    ],
  });
  expect(now).toMatchObject({ heldOut: { threats: 2, harmless: 0 }, replay: { lost: { count: 2 } } });
  const of = (id: string, { checks } = now) => checks.find((check) => check.id === id);
  expect(of('lost')).toMatchObject({ after: { value: 2, of: 5 }, isHeld: false });
  // Bug: the gate said that it found all of them.
  expect(of('recall')).toMatchObject({ before: { value: 1, of: 2 }, after: { value: 0, of: 2 }, isHeld: false });
  expect(of('harmless')?.after.of).toBe(0);
  for (const id of ['false_alarms', 'likelihood', 'ranks']) expect(of(id)).toEqual(of(id, report));
  // Which were held out is not known of what an earlier version proposed.
  const old = judgedAnew(report, { replay: now.replay, threats: 5, heldOut: null });
  expect([of('lost', old), of('recall', old)]).toEqual([of('lost'), of('recall', report)]);
});
