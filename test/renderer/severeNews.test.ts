/** @file What is told outside the window of a severe alert. Catches a reason that is another alert's, and one that is told of several. */
import { afterEach, expect, it, vi } from 'vitest';
import { AppState } from '../../src/renderer/state/app.svelte.ts';
import { HostEvents } from '../../src/renderer/state/hostEvents.ts';
import type { AppEvent } from '../../src/shared/events.ts';
import type { SevereArrivals } from '../../src/shared/window.ts';
import { alertRow, FakeTransport } from './helpers/fakeTransport.ts';

afterEach(() => vi.unstubAllGlobals());

async function toldOf(arrived: SevereArrivals, agesMs: readonly number[]): Promise<unknown> {
  vi.stubGlobal('document', { hasFocus: () => false });
  const rows = agesMs.map((ageMs, index) => ({
    ...alertRow(index + 1),
    reason: index === agesMs.length - 1 ? ('travel' as const) : ('rare' as const),
    raisedAt: Date.now() - ageMs,
  }));
  const transport = new FakeTransport({
    'alerts.list': () => ({ rows, nextCursor: null, newest: rows.length, counts: {} as never }),
    'window.notify': () => ({ isShown: true }),
  });
  const app = new AppState(transport);
  app.settings.setNotifyFrom(5);
  new HostEvents(app).handle({ topic: 'alerts.severe', data: arrived } as AppEvent);
  await vi.waitFor(() => expect(transport.calls.at(-1)?.route).toBe('window.notify'));
  return transport.calls.at(-1)?.input;
}

it('the newest is the one that came, and why is told', async () => {
  expect(await toldOf({ critical: 1, high: 0 }, [500, 100])).toEqual({ critical: 1, high: 0, reason: 'travel' });
});

it('of several, and where what came has left the list, no reason is told', async () => {
  expect(await toldOf({ critical: 2, high: 0 }, [500, 100])).toEqual({ critical: 2, high: 0, reason: null });
  expect(await toldOf({ critical: 1, high: 0 }, [9_000_000])).toEqual({ critical: 1, high: 0, reason: null });
  expect(await toldOf({ critical: 1, high: 0 }, [])).toEqual({ critical: 1, high: 0, reason: null });
});
