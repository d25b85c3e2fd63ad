/** @file A job that nobody watches, for work that is called directly. */
import type { JobContext } from '../../src/main/app/jobs.ts';

export function unwatchedJob(): JobContext {
  const { signal } = new AbortController();
  return {
    signal,
    cancelled: signal,
    update: () => undefined,
    setPausing: () => undefined,
    setCurve: () => undefined,
    alone: (work) => work(),
  };
}
