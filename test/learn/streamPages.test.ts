/** @file Pages of events with their values. Catches a value that is read for another event, also while the source grows. */
import { expect, it } from 'vitest';
import { readStreamPages } from '../../src/main/learn/keyTable.ts';
import type { StoreMethods } from '../../src/main/store/protocol.ts';
import { emptyValues } from '../../src/shared/eventValues.ts';
import type { Client } from '../../src/shared/port.ts';

/** Events 1 to `count`; one more comes between the keys of a page and their values. */
function growing(count: number): Client<StoreMethods> {
  const methods: Record<string, (input: { afterEventId: number; limit: number }) => unknown> = {
    read_keys: ({ afterEventId, limit }) => {
      const size = Math.min(limit, count - afterEventId);
      const eventIds = Float64Array.from({ length: size }, (_, row) => afterEventId + 1 + row);
      const numbers = Int32Array.from(eventIds);
      return {
        eventIds,
        lineNumbers: numbers,
        at: eventIds,
        severities: Int8Array.from(eventIds),
        templateIndexes: numbers,
        sessionIds: eventIds,
      };
    },
    read_values: ({ afterEventId, limit }) => {
      const values = emptyValues(Math.min(limit, count + 1 - afterEventId));
      values.lineHashes.forEach((_, row) => {
        values.lineHashes[row] = afterEventId + 1 + row;
        values.shapes.fill(afterEventId + 1 + row, 8 * row, 8 * row + 8);
      });
      return values;
    },
  };
  return { call: async (method, input) => methods[method]?.(input as never) as never };
}

it('has as many values as keys, of the same events', async () => {
  for (const [after, count] of [
    [0, 7],
    [2, 6],
    [0, 3],
    [0, 1],
  ] as const) {
    const seen: number[] = [];
    for await (const page of readStreamPages(growing(count), 1, new AbortController().signal, {
      afterEventId: after,
      limit: 3,
    })) {
      expect([...page.lineHashes]).toEqual([...page.eventIds]);
      expect([...page.shapes]).toEqual([...page.eventIds].flatMap((id) => Array<number>(8).fill(id)));
      seen.push(...page.eventIds);
    }
    expect(seen).toEqual(Array.from({ length: count - after }, (_, index) => after + 1 + index));
  }
});
