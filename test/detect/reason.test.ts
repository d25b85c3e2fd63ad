/** @file Reasons say what the detector that raised an alert looks at: none claims what another one saw. */
import { expect, test } from 'vitest';
import { reasonOf, titleOf } from '../../src/main/detect/reason.ts';
import { detectorIds } from '../../src/shared/detectors.ts';
import { reasonKinds } from '../../src/shared/alerts.ts';

const event = { isEnd: false, isUnseen: true, trainingShare: 0 };

test('a line of an unknown kind that another detector raised is not said to surprise for being unknown', () => {
  expect(reasonOf({ detector: 'key', ...event })).toBe('unseen');
  expect(reasonOf({ detector: 'new_kind', ...event })).toBe('unseen');
  expect(reasonOf({ detector: 'volume', ...event })).toBe('volume');
  expect(reasonOf({ detector: 'ngram', ...event, isEnd: true })).toBe('sequence');
});

test('a kind that training had is never called unseen, whoever raised it', () => {
  for (const detector of detectorIds)
    expect(reasonOf({ detector, isEnd: false, isUnseen: false, trainingShare: 0.1 })).not.toBe('unseen');
});

test('every reason has a sentence of its own', () => {
  const titles = reasonKinds.map((reason) => titleOf(reason, -1, 1));
  expect(new Set(titles).size).toBe(reasonKinds.length);
  expect(titleOf('volume', -1, 3)).toContain('2 more');
});
