/** @file Who listens to alerts, without a network. Catches one that reads slowly and makes all others wait with it, and what is held of one that reads nothing. */
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { AlertStream } from '../../src/main/api/alertStream.ts';

const mostBytes = 1000;
const streams: AlertStream[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const stream of streams.splice(0)) stream.close();
});

/** One of whom so much is not read yet. */
function listenerOf(writableLength: number) {
  const written: string[] = [];
  const response = Object.assign(new EventEmitter(), {
    writableLength,
    writeHead: () => undefined,
    write: (text: string) => written.push(text) > 0,
    end: (text: string) => void written.push(text),
    destroy: () => undefined,
  });
  return { response: response as unknown as ServerResponse, written };
}

function streamOf(): AlertStream {
  const stream = new AlertStream(mostBytes, 8);
  streams.push(stream);
  return stream;
}

test('who stays half full is let go, so that the others need not wait for it again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
  const stream = streamOf();
  const [slow, fast] = [listenerOf(0.6 * mostBytes), listenerOf(0)];
  stream.addResponse(slow.response, 'one');
  stream.addResponse(fast.response, 'two');
  vi.useRealTimers();
  await stream.room();
  expect(stream.listenerCount).toBe(1);
  expect(slow.written.at(-1)).toContain('event: dropped');
  expect(fast.written).toEqual([': open\n\n']);
});

test('nothing is added to what nobody reads', () => {
  vi.useFakeTimers();
  const stream = streamOf();
  const [still, reading] = [listenerOf(20), listenerOf(0)];
  stream.addResponse(still.response, 'one');
  stream.addResponse(reading.response, 'two');
  vi.advanceTimersByTime(60_000);
  expect(still.written).toEqual([': open\n\n']);
  expect(reading.written.length).toBeGreaterThan(2);
});
