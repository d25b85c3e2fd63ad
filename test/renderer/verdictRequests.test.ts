/** @file Counting what became of verdict keys. Catches a refusal that is counted as a lost verdict because its notice was overwritten, and a verdict taken for a refusal. */
import { expect, test } from 'vitest';
import { HttpTransport } from '../../src/renderer/transport/httpTransport.ts';
import { countVerdictRequests, fateOf } from '../bench/ui/verdictRequests.ts';

test('counts the verdicts that the app’s own transport sends, answered or not, and leaves answers to the page', async () => {
  const answers = [{ ok: true, data: 1 }, { ok: false, error: { code: 'CONFLICT', message: 'Given already.' } }, { ok: true, data: 'a list' }]; // prettier-ignore
  const before = globalThis.fetch;
  globalThis.fetch = () => Promise.resolve(Response.json(answers.shift()));
  try {
    // In the page it stands alone.
    const count = new Function(`return ${countVerdictRequests.toString()}`)() as typeof countVerdictRequests;
    const counts = count(globalThis);
    const transport = new HttpTransport();
    const give = () => transport.request('verdicts.give', { alertId: 'a1', value: 'undetermined' });
    expect(await give()).toBe(1);
    await expect(give()).rejects.toThrow('Given already.');
    expect(await transport.request('alerts.list', { tab: 'open' })).toBe('a list');
    expect(counts).toEqual({ sent: 2 });
  } finally {
    globalThis.fetch = before;
  }
});

test('a key whose notice nobody saw is refused and not lost; one that was sent and is not there is lost', () => {
  expect(fateOf(10, 7, 7)).toEqual({ refused: 3, lost: 0 });
  expect(fateOf(10, 10, 9)).toEqual({ refused: 0, lost: 1 });
});
