/** @file A CPU session that never comes back as long as it is in a thread of main. */
import { isMainThread } from 'node:worker_threads';
import { serveFailing } from './failing.ts';

serveFailing({
  failing: () => !isMainThread,
  good: 4,
  fail: () => {
    for (;;);
  },
});
