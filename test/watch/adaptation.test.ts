/** @file What a followed log's alarms do to its threshold while they wait for somebody to say what they are. */
import { expect, it } from 'vitest';
import { Adaptation } from '../../src/main/app/watch/adaptation.ts';

/** -log10 p of the budget: one event in ten. */
const budgetScore = 1;
const alarm = (alertId: string) => ({ score: 5, alertId });
const silence = Array.from({ length: 1000 }, () => ({ score: 0, alertId: null }));

// Bug: of the oldest alerts nobody heard any more what they were, and yet they went on holding the threshold up, for as long as the log was followed.
it('alarms of alerts that are no longer waited for hold nothing up', () => {
  const adaptation = new Adaptation(budgetScore, 0);
  const ids = Array.from({ length: 2500 }, (_, index) => `a${index}`);
  adaptation.add(ids.map(alarm));
  expect(adaptation.waiting).toEqual(ids.slice(500));
  adaptation.add(silence);
  // Those that wait may be normal, and then silence was none.
  expect(adaptation.due()).toBeNull();

  adaptation.hear(adaptation.waiting.map((alertId) => ({ alertId, said: 'threat' as const })));
  expect(adaptation.waiting).toEqual([]);
  expect(adaptation.due()).toBeLessThan(-0.1);
});
