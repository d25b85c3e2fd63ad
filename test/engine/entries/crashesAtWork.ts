/** @file A driver that takes its process down while it scores a log, after it did well when it was tried. */
import process from 'node:process';
import { isWork, serveFailing } from './failing.ts';

serveFailing({
  failing: (provider) => provider === 'webgpu',
  good: 0,
  counts: isWork,
  fail: (answer) => {
    process.kill(process.pid, 'SIGKILL');
    return answer;
  },
});
