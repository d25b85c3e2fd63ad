/** @file The gate of retrained models. Catches one that compares two models on what is under an open alert, of which neither is known to be right. */
import { expect, it } from 'vitest';
import { gateChecksOf } from '../../src/main/app/retraining/gate.ts';
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
  const same = checksOf(heldRows(() => 2));
  const normalCount = (4 / 5) * rowCount;
  expect(same.filter(({ isHeld }) => isHeld === false)).toEqual([]);
  expect(same.find(({ id }) => id === 'likelihood')?.after.of).toBe(normalCount);
  expect(same.find(({ id }) => id === 'ranks')?.after).toMatchObject({ value: 1, of: normalCount });
  expect(same.find(({ id }) => id === 'false_alarms')?.after.of).toBe(0.4 * normalCount);
  // In another order, and far more or less of it.
  expect(checksOf(heldRows((row) => 40 - row / 100))).toEqual(same);
  expect(checksOf(heldRows(() => 0))).toEqual(same);
});
