/** @file What stands around the alert's line. Catches an answer to an earlier wish, lines of one alert under another, and a mode that is lost with the next alert. */
import { describe, expect, it } from 'vitest';
import { DetailState } from '../../src/renderer/state/detail.svelte.ts';
import type { AlertDetail } from '../../src/shared/alerts.ts';
import type { LogLine } from '../../src/shared/sources.ts';
import { alertRow, FakeTransport } from './helpers/fakeTransport.ts';

const line = (eventId: number): LogLine => ({
  ...{ eventId, lineNumber: eventId, at: eventId, severity: null, raw: `line ${eventId}`, isCut: false },
});
const lines = (from: number, to: number): LogLine[] =>
  Array.from({ length: to - from + 1 }, (_, index) => line(from + index));
const detailOf = (number: number): AlertDetail =>
  ({
    row: { ...alertRow(number), at: 50 },
    raw: { text: 'x', isCut: false, lengthChars: 1, heat: [] },
    before: lines(44, 49),
    after: lines(51, 56),
  }) as unknown as AlertDetail;

function detail(): { state: DetailState; asked: unknown[] } {
  const asked: unknown[] = [];
  const transport = new FakeTransport({
    'alerts.get': ({ alertId }) => detailOf(Number(alertId.slice(1))),
    'alerts.context': (input) => {
      asked.push(input.lines);
      return { before: lines(50 - input.lines, 49), after: lines(51, 50 + input.lines) };
    },
    'alerts.context_by_time': ({ withinMs, alertId }) => {
      asked.push(withinMs);
      const named = { ...line(Number(alertId.slice(1))), sourceName: 'web.log' };
      return { before: [named], after: [], isCut: true };
    },
  });
  return { state: new DetailState(transport), asked };
}

describe('around the line', () => {
  it('stand the nearest that came with the alert; more and fewer are so many on each side', async () => {
    const { state, asked } = detail();
    await state.show('a1');
    expect([state.shownAround.before.length, asked]).toEqual([3, []]);
    await state.changeContext(1);
    expect([state.shownAround.before.length, state.shownAround.after.length]).toEqual([10, 10]);
    await state.changeContext(-5);
    expect([state.contextStep, state.shownAround.before.at(0)?.eventId]).toEqual([0, 47]);
  });

  it('what all logs said is asked for by time, and for the next alert, too', async () => {
    const { state, asked } = detail();
    await state.show('a1');
    await state.setContextBy('time');
    expect([asked, state.isAroundCut, state.shownAround.before[0]?.eventId]).toEqual([[10_000], true, 1]);
    await state.changeContext(1);
    expect(asked.at(-1)).toBe(60_000);
    await state.show('a2');
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect([state.contextBy, asked.at(-1), state.shownAround.before[0]?.eventId]).toEqual(['time', 10_000, 2]);
  });

  it('an answer that was overtaken by another wish is not shown', async () => {
    const { state } = detail();
    await state.show('a1');
    const slow = state.setContextBy('time');
    const quick = state.setContextBy('lines');
    await Promise.all([slow, quick]);
    expect(state.shownAround.before.map(({ eventId }) => eventId)).toEqual([47, 48, 49]);
  });
});
