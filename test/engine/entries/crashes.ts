/** @file A driver that takes its process down while it scores. */
import process from 'node:process';
import { serveFailing } from './failing.ts';

serveFailing({
  failing: (provider) => provider === 'webgpu',
  good: 4,
  fail: (answer) => {
    process.kill(process.pid, 'SIGKILL');
    return answer;
  },
});
