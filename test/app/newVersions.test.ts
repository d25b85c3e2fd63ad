/** @file What the next version of a threshold is made of. Catches one that was put back by hand and that an adopted model sets free. */
import { expect, test } from 'vitest';
import type { KeyModel } from '../../src/main/app/keyModel.ts';
import { putBack } from '../../src/main/app/newVersions.ts';
import { successorOf } from '../../src/main/app/retraining/proposals.ts';
import type { Threshold } from '../../src/shared/thresholds.ts';
import { thresholdOf } from '../store/rows.ts';

const candidate = {
  ...{ id: 'model-2', graph: 'f32' },
  calibrations: { f32: { fusion: { second: { pooled: { count: 300 } } } } },
} as unknown as KeyModel;
const current: Threshold = { ...thresholdOf(4), version: 7, isCurrent: true };

test('the threshold of a model that is adopted stays where it was put by hand, and says so', () => {
  expect(successorOf(current, candidate, 'retraining m1')).toMatchObject({ modelId: 'model-2', reason: 'learned' });
  const next = successorOf({ ...current, ...putBack(current) }, candidate, 'retraining m1');
  expect(next).toMatchObject({ modelId: 'model-2', score: 4, reason: 'reverted' });
  expect(next.meaning).toMatch(/Calibrated anew after retraining m1\. Put back by hand: verdicts do not move it/);
});
