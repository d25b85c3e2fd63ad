/**
 * @file Alerts that come into view one after the other under keys that wait for their lines. Catches the next alert thrown away, and asked for once
 * more, by the very key that leads to it: each key would then wait for an answer, and so would the one behind it.
 */
import { afterEach, expect, it, vi } from 'vitest';
import { AppState } from '../../src/renderer/state/app.svelte.ts';
import type { AlertDetail } from '../../src/shared/alerts.ts';
import { FakeHost } from './helpers/fakeTransport.ts';

afterEach(() => vi.unstubAllGlobals());

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A window without a page: a frame is drawn when the test says so, and the view shows what is selected then. */
async function appWith(amount: number) {
  const frames: (() => void)[] = [];
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => frames.push(draw));
  const host = new FakeHost(amount);
  host.alerts.forEach((row, at) => (host.alerts[at] = { ...row, signature: row.id }));
  const asked: string[] = [];
  const saves: (() => void)[] = [];
  host.beforeVerdict = () => new Promise((save) => saves.push(save));
  const waiting = new Map<string, () => void>();
  host.transport.handlers['alerts.get'] = ({ alertId, isAhead }) => {
    asked.push(`${alertId}${isAhead ? ' ahead' : ''}`);
    const row = host.alerts.find(({ id }) => id === alertId);
    const raw = { text: alertId, isCut: false, lengthChars: 2, heat: [], parts: [] };
    const detail = { row, raw, before: [], after: [] } as unknown as AlertDetail;
    return new Promise((answer) => waiting.set(alertId, () => answer(detail)));
  };
  host.transport.handlers['alerts.viewed'] = () => null;
  const app = new AppState(host.transport);
  await app.queue.load();
  const show = (): void => void app.detail.show(app.queue.selected?.id ?? null);
  show();
  return {
    app,
    asked,
    viewed: () => [...app.queue.viewed],
    press: (): void => {
      void app.verdicts.give('benign_true_positive');
      show();
    },
    answer: async (id: string): Promise<void> => {
      waiting.get(id)?.();
      await settled();
      for (const draw of frames.splice(0)) draw();
      // What a frame leads to begins behind it.
      await settled();
      show();
      for (const save of saves.splice(0)) save();
      await settled();
    },
  };
}

it('what was got ready is what the key that waited leads to', async () => {
  const { app, asked, viewed, press, answer } = await appWith(9);
  await answer('a1');
  press();
  press();
  await answer('a2');
  expect([app.queue.selected?.id, asked]).toEqual(['a3', ['a1', 'a2 ahead', 'a3 ahead']]);
  press();
  await answer('a3');
  expect([app.queue.selected?.id, asked]).toEqual(['a4', ['a1', 'a2 ahead', 'a3 ahead', 'a4 ahead']]);
  expect(viewed()).toEqual(['a1', 'a2', 'a3']);
});
