import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventBus } from '../../src/main/app/eventBus.ts';

describe('event bus', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('sends the first at once, at most ten a second, and never loses the newest', () => {
    const bus = new EventBus();
    const seen: number[] = [];
    bus.subscribe((event) => event.topic === 'sources.changed' && seen.push(event.data.count));
    for (let count = 1; count <= 100; count++) {
      bus.publish('sources.changed', { count });
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(1000);
    expect(seen[0]).toBe(1);
    expect(seen.at(-1)).toBe(100);
    expect(seen.length).toBeLessThanOrEqual(12);
  });

  it('keeps subjects apart: one job’s progress does not swallow another’s', () => {
    const bus = new EventBus();
    const seen: number[] = [];
    bus.subscribe((event) => event.topic === 'models.changed' && seen.push(event.data.count));
    bus.publish('models.changed', { count: 1 }, 'a');
    bus.publish('models.changed', { count: 2 }, 'b');
    expect(seen).toEqual([1, 2]);
  });
});
