/**
 * @file The alert in view and the one got ready behind it. Catches one that is shown under another's head, counts as viewed though nobody looked at
 * it, or shows what was so before the last verdict for ever.
 */
import { describe, expect, it, vi } from 'vitest';
import { DetailState } from '../../src/renderer/state/detail.svelte.ts';
import type { AlertDetail } from '../../src/shared/alerts.ts';
import type { Explanation } from '../../src/shared/explanations.ts';
import { alertRow, FakeTransport } from './helpers/fakeTransport.ts';

function setUp() {
  const asked: string[] = [];
  let reading = 'first';
  const transport = new FakeTransport({
    'alerts.get': async ({ alertId, isAhead, isBlind, viewedId }) => {
      asked.push(
        `${alertId}${isBlind ? ' blind' : ''}${isAhead ? ' ahead' : ''}${viewedId ? `, viewed ${viewedId}` : ''}`,
      );
      await Promise.resolve();
      const raw = { text: alertId, isCut: false, lengthChars: 2, heat: [], parts: [] };
      return { row: alertRow(Number(alertId.slice(1))), reading, raw, before: [], after: [] } as unknown as AlertDetail;
    },
    'alerts.viewed': ({ alertId }) => {
      asked.push(`viewed ${alertId}`);
      return null;
    },
  });
  const state = new DetailState(transport);
  const shown: string[] = [];
  state.onReady = (id) => shown.push(id);
  return { state, asked, shown, say: (text: string) => (reading = text) };
}

const next = (id: string) => ({ id, isBlind: false });

describe('the next alert', () => {
  it('is there at once where it was got ready, counts as viewed only then, and is asked for again once it is read', async () => {
    vi.useFakeTimers();
    try {
      const { state, asked, shown, say } = setUp();
      await state.show('a1');
      void state.painted('a1', next('a2'));
      await vi.advanceTimersByTimeAsync(1);
      expect(asked).toEqual(['a1', 'a2 ahead']);
      say('after the verdict');
      void state.show('a2');
      expect([state.alert?.row.id, state.alert?.reading, shown]).toEqual(['a2', 'first', ['a1', 'a2']]);
      void state.painted('a2');
      await vi.advanceTimersByTimeAsync(1000);
      expect(asked).toEqual(['a1', 'a2 ahead', 'viewed a2', 'a2']);
      expect(state.alert?.reading).toBe('after the verdict');
    } finally {
      vi.useRealTimers();
    }
  });

  it('is asked for together with what is looked at, which is said by itself only where no next is asked for', async () => {
    const { state, asked } = setUp();
    await state.show('a1');
    for (const id of ['a2', 'a3']) {
      await state.painted(state.wantedId ?? '', next(id));
      await state.show(id);
    }
    expect(asked).toEqual(['a1', 'a2 ahead', 'a3 ahead, viewed a2']);
    await state.painted('a3', next('a4'));
    await state.show('a4');
    await state.painted('a4');
    expect(asked.slice(3)).toEqual(['a4 ahead, viewed a3', 'viewed a4']);
  });

  it('is waited for where it is still on its way, and not asked for twice', async () => {
    const { state, asked } = setUp();
    await state.show('a1');
    void state.painted('a1', next('a2'));
    const showing = state.show('a2');
    expect(state.alert).toBeNull();
    await showing;
    expect([state.alert?.row.id, asked]).toEqual(['a2', ['a1', 'a2 ahead']]);
  });

  it('is not asked for twice where the one before is still on its way, which nobody looks at any more', async () => {
    const { state, asked } = setUp();
    const before = state.show('a1');
    void state.painted('a1', next('a2'));
    const now = state.show('a2');
    await Promise.all([before, now]);
    expect([state.alert?.row.id, asked]).toEqual(['a2', ['a1', 'a2 ahead']]);
  });

  it('is another than was got ready: that one is shown, and a question is not answered by what was asked with its verdict', async () => {
    const { state, asked } = setUp();
    await state.show('a1');
    void state.painted('a1', next('a2'));
    await state.show('a3');
    expect([state.alert?.row.id, asked]).toEqual(['a3', ['a1', 'a2 ahead', 'a3']]);
    await state.show('a2', true);
    expect(asked.at(-1)).toBe('a2 blind');
  });
});

it('of an alert that is asked blind shows no words of before, nor those of the question when it was answered', async () => {
  const { state } = setUp();
  await state.show('a1');
  const said = { alertId: 'a1', state: 'done', text: 'Like A-9, a false alarm.' } as unknown as Explanation;
  state.explanation.accept(said);
  await state.show('a1', true);
  expect(state.explanation.shown).toBeNull();
  state.explanation.accept(said);
  await state.show('a1');
  expect(state.explanation.shown).toBeNull();
});
