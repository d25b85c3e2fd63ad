/** @file What is told after verdicts. Catches one telling for each key, logs and models that are told of though nobody touched them, and words after the end. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Changes } from '../../src/main/app/changes.ts';
import { EventBus } from '../../src/main/app/eventBus.ts';
import type { Services } from '../../src/main/app/services.ts';
import type { Status } from '../../src/shared/workspace.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const asked: string[] = [];
  const call = (method: string): Promise<unknown> => {
    asked.push(method);
    return Promise.resolve(method === 'severe_since' ? { lastNumber: 1, critical: 0, high: 0 } : []);
  };
  const services = { host: { newId: () => 'x' }, store: { call } } as unknown as Services;
  const bus = new EventBus();
  const told: string[] = [];
  bus.subscribe(({ topic }) => told.push(topic));
  const changes = new Changes({
    services,
    bus,
    status: () => Promise.resolve({} as Status),
    noteChange: () => undefined,
  });
  return { changes, asked, told };
}

test('verdicts in a row are told of once, behind the last of them; of alerts and of nothing else', async () => {
  const { changes, asked, told } = setUp();
  for (let verdict = 0; verdict < 4; verdict++) {
    changes.alertsSoon();
    await vi.advanceTimersByTimeAsync(90);
    expect(told).toEqual([]);
  }
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(['alerts.changed', 'status.changed']);
  expect(asked.filter((method) => method.startsWith('list_'))).toEqual([]);
});

test('verdicts without a rest are told of every second all the same', async () => {
  const { changes, told } = setUp();
  for (let verdict = 0; verdict < 24; verdict++) {
    changes.alertsSoon();
    await vi.advanceTimersByTimeAsync(90);
  }
  expect(told.filter((topic) => topic === 'alerts.changed')).toHaveLength(2);
});

test('what waits is told with the next change of anything, once; nothing is told after the end', async () => {
  const { changes, told } = setUp();
  changes.alertsSoon();
  await changes.all();
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(['sources.changed', 'models.changed', 'cases.changed', 'alerts.changed', 'status.changed']);
  changes.alertsSoon();
  changes.close();
  await changes.all();
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toHaveLength(5);
});
