/** @file The clock of mutes. Catches alerts that stay hidden beyond the end of their mute, and a workspace that does not open because of it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Mutes } from '../../src/main/app/mutes.ts';
import type { Services } from '../../src/main/app/services.ts';
import { AppError } from '../../src/shared/errors.ts';

const hourMs = 3_600_000;

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A store with one mute, or none while `endsAt` is null; it cannot write while `isFull`. */
function clock() {
  const state = { endsAt: null as number | null, isFull: false, released: 0 };
  const call = (_method: string, { now }: { now: number }) => {
    if (state.isFull) return Promise.reject(new AppError('STORE_FULL', 'The disk is full.'));
    const isOver = state.endsAt !== null && state.endsAt <= now;
    if (isOver) state.endsAt = null;
    return Promise.resolve({ released: isOver ? 1 : 0, nextEnd: state.endsAt });
  };
  const services = { host: { now: () => Date.now() }, store: { call } } as unknown as Services;
  const mutes = new Mutes(services, () => void state.released++);
  return { state, mutes };
}

test('a mute that could not be ended is tried again, and keeps no workspace from opening', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { state, mutes } = clock();
  Object.assign(state, { endsAt: -1, isFull: true });
  await mutes.open();
  await vi.advanceTimersByTimeAsync(hourMs);
  expect(state.released).toBe(0);
  state.isFull = false;
  await vi.advanceTimersByTimeAsync(hourMs);
  expect(state.released).toBe(1);
  mutes.close();
});

test('a mute that undo puts in force again ends at its time', async () => {
  const { state, mutes } = clock();
  await mutes.open();
  state.endsAt = 2 * hourMs;
  await mutes.stepped();
  await vi.advanceTimersByTimeAsync(2 * hourMs - 1);
  expect(state.released).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(state.released).toBe(1);
  mutes.close();
});
