/** @file Sources of the API where there are nearly as many as may be. Catches a request that is refused for another one's new source. */
import { expect, test } from 'vitest';
import { ApiLines } from '../../src/main/app/api/apiLines.ts';
import { mostApiSources, type PushInput } from '../../src/main/app/watch/watchProtocol.ts';

type Parts = ConstructorParameters<typeof ApiLines>[0];

/** Lines that are stored nowhere; `pushed` gathers what would be. */
function linesBeside(existing: number, pushed: PushInput['lines'][]) {
  const follows = Array.from({ length: existing }, (_, index) => ({
    ...{ sourceId: index + 1, path: `s${index}`, isApi: true, scoredEventId: 1, lastEventId: 1 },
  }));
  const answers: Record<string, unknown> = { list_follows: follows, open_api: { watchId: 1 } };
  const services = {
    host: { timeZone: 'UTC', now: () => 0 },
    actor: async () => ({ analyst: 'x', at: 0 }),
    store: { call: async (method: string) => answers[method] },
    importer: async () => ({
      call: async (_method: string, { lines }: PushInput) => {
        pushed.push(lines);
        return { eventIds: lines.map((_, index) => index + 1), sourceIds: [] };
      },
    }),
  };
  const judging = {
    context: null as unknown,
    readContext() {
      return Promise.resolve((this.context = { model: {}, threshold: { score: 4 } }));
    },
    score: async function* () {},
    tellAlerts: async () => undefined,
  };
  return new ApiLines({ services, bus: {}, judging, tellStatus: () => undefined } as unknown as Parts);
}

test('of new sources as many are begun as there is room for, and no other request is refused with them', async () => {
  const pushed: PushInput['lines'][] = [];
  const lines = linesBeside(mostApiSources - 1, pushed);
  lines.open();
  const ask = (source: string) =>
    lines
      .analyze([{ timestamp: '2026-11-29T10:00:00Z', log_line: 'a line', source }], new AbortController().signal)
      .then(
        () => 'answered',
        (error: { code?: string }) => error.code,
      );
  expect(await Promise.all(['new-1', 'new-2', 's7'].map(ask))).toEqual(['answered', 'CONFLICT', 'answered']);
  expect(pushed.flat().map(({ source }) => source)).toEqual(['new-1', 's7']);
  await lines.close();
});
