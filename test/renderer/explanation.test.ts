/** @file An explanation in view. Catches what was stopped or failed being replaced by an earlier one that the store still has. */
import { expect, test } from 'vitest';
import type { Explanation } from '../../src/shared/explanations.ts';
import { ExplanationState } from '../../src/renderer/state/explanation.svelte.ts';
import type { Transport } from '../../src/renderer/transport/transport.ts';

const said = (change: Partial<Explanation>): Explanation => ({
  ...{ alertId: 'a1', state: 'done', model: 'mistral', promptVersion: 1, text: 'Earlier.', isCut: false },
  ...{ check: { marks: [], restatesVerdict: true, otherLanguage: null }, suspects: [], contradicting: [] },
  ...{ error: null, madeAt: 1, isOutdated: false, keptWith: [] },
  ...change,
});

function setUp(stored: () => Explanation) {
  const request = (route: string): Promise<unknown> =>
    Promise.resolve(route === 'explanations.get' ? stored() : { isOn: true, address: '', model: 'mistral' });
  return new ExplanationState({ request } as unknown as Transport, () => 'a1');
}

test.each(['stopped', 'failed'] as const)('what %s stays when the alert is looked at again', async (state) => {
  const explanation = setUp(() => said({}));
  await explanation.load();
  expect(explanation.shown?.text).toBe('Earlier.');
  explanation.accept(said({ state, text: 'Later, and', error: 'It ended.', madeAt: 2 }));
  await explanation.load();
  expect(explanation.shown).toMatchObject({ state, text: 'Later, and' });
});

test('one that was finished since takes its place', async () => {
  const explanation = setUp(() => said({ text: 'Newest.', madeAt: 3 }));
  explanation.accept(said({ state: 'failed', text: '', madeAt: 2 }));
  await explanation.load();
  expect(explanation.shown?.text).toBe('Newest.');
});
