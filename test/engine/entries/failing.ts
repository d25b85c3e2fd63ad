/** @file An engine whose GPU is the CPU in disguise and fails as told. The product has no such switch: this is the tests' own entry. */
import { serveEngine } from '../../../src/main/engine/serve.ts';
import { openSession, type Session } from '../../../src/main/engine/session.ts';
import type { ProviderName } from '../../../src/shared/engineProtocol.ts';

type Answer = Awaited<ReturnType<Session['run']>>;

/** Whether it is the work of scoring a log; a trial and a load ask for whole contexts of 64, or single tokens. */
export function isWork(feeds: Parameters<Session['run']>[0]): boolean {
  const length = (feeds['ids'] as { dims: readonly number[] }).dims[1] ?? 0;
  return length !== 1 && length !== 64;
}

/** `fail` sees the answers of a failing session, from the one after `good` on, and changes them or does worse. */
export function serveFailing(options: {
  failing: (provider: ProviderName) => boolean;
  good: number;
  /** Runs that do not count; all do unless said. */
  counts?: (feeds: Parameters<Session['run']>[0]) => boolean;
  fail: (answer: Answer) => Answer;
}): void {
  let runs = 0;
  serveEngine(async (bytes, provider, intraOpThreads) => {
    const session = await openSession(bytes, 'cpu', intraOpThreads);
    if (!options.failing(provider)) return session;
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      release: () => session.release(),
      run: async (feeds: Parameters<Session['run']>[0]) => {
        const answer = await session.run(feeds);
        if (options.counts?.(feeds) === false) return answer;
        return ++runs > options.good ? options.fail(answer) : answer;
      },
    } as Session;
  });
}

/** Adds to every log-probability of the answer. */
export function shifted(answer: Answer, by: number): Answer {
  const { data } = answer['logProbability'] ?? answer['topLogProbability'] ?? {};
  if (data instanceof Float32Array) for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) + by;
  return answer;
}
