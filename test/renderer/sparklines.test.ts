/** @file The pictures of rows over a day of work. Catches memory that grows with every kind of alert that was passed, and pictures of a day that is long over. */
import { expect, it, vi } from 'vitest';
import { Sparklines } from '../../src/renderer/state/sparklines.svelte.ts';
import { FakeTransport } from './helpers/fakeTransport.ts';

it('are asked for once, again after a while, and let go where they were not looked at for long', async () => {
  vi.useFakeTimers();
  try {
    const transport = new FakeTransport({
      'alerts.sparklines': ({ signatures }) => ({ until: 0, lines: signatures.map(() => [1]) }),
    });
    const sparklines = new Sparklines(transport);
    const want = async (signatures: string[]): Promise<void> => {
      sparklines.want(signatures);
      await vi.advanceTimersByTimeAsync(200);
    };
    await want(['a', 'b']);
    await want(['a', 'b']);
    expect(transport.calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(11 * 60_000);
    await want(['a']);
    expect(transport.calls.at(-1)?.input).toEqual({ signatures: ['a'] });
    for (let at = 0; at < 5000; at += 500) await want(Array.from({ length: 500 }, (_, index) => `s${at + index}`));
    expect(sparklines.lines.size).toBeLessThanOrEqual(2000);
    expect(sparklines.lines.get('s4999')).toEqual([1]);
  } finally {
    vi.useRealTimers();
  }
});
