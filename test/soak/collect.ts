/**
 * @file Loaded first in every thread of the soaked process (`--import`, `--expose-gc`): collects garbage when it is asked, and tells what is
 * left, so that the slope shows what is held and not what has not been swept yet.
 */
import { readdirSync } from 'node:fs';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';

export type Collected = {
  rssBytes: number;
  /** Heap of the main thread and of those that answered in time: one that computes does not. */
  heapBytes: number;
  externalBytes: number;
  /** Every thread has collected; without one of them the resident size holds what that one has not swept. */
  isComplete: boolean;
  /** Open files and sockets; null where the system does not tell. */
  handleCount: number | null;
};

type Left = { threadId: number; heapBytes: number; externalBytes: number };

const answerMs = 3000;
const ask = new BroadcastChannel('soak:collect');
const answers = new BroadcastChannel('soak:collected');

/** As thoroughly as V8 can: it gives pages back as well, which else it keeps for what comes next. */
function collect(): Left {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { heapUsed, external } = process.memoryUsage();
  return { threadId, heapBytes: heapUsed, externalBytes: external };
}

function countHandles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}

/** `external` counts array buffers of the thread; the resident size is the whole process's. */
async function collectAll(threads: number): Promise<Collected> {
  const left = new Map<number, Left>([[threadId, collect()]]);
  const all = new Promise<void>((resolve) => {
    const accept = (event: Event): void => {
      const one = (event as unknown as { data: Left }).data;
      left.set(one.threadId, one);
      if (left.size > threads) resolve();
    };
    answers.addEventListener('message', accept);
    setTimeout(() => {
      answers.removeEventListener('message', accept);
      resolve();
    }, answerMs);
  });
  ask.postMessage(null);
  if (threads > 0) await all;
  const sum = (pick: (one: Left) => number): number => [...left.values()].reduce((total, one) => total + pick(one), 0);
  return {
    rssBytes: process.memoryUsage.rss(),
    heapBytes: sum((one) => one.heapBytes),
    externalBytes: sum((one) => one.externalBytes),
    isComplete: left.size > threads,
    handleCount: countHandles(),
  };
}

if (isMainThread) {
  let threads = 0;
  process.on('worker', (worker) => {
    threads++;
    worker.once('exit', () => threads--);
  });
  process.on('message', () => {
    void collectAll(threads).then((collected) => process.send?.(collected));
  });
  process.channel?.unref();
} else {
  ask.addEventListener('message', () => answers.postMessage(collect()));
}
// Neither keeps its thread alive.
ask.unref();
answers.unref();
