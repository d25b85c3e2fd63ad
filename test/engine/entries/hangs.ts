/** @file A driver that never comes back. */
import { serveFailing } from './failing.ts';

serveFailing({
  failing: (provider) => provider === 'webgpu',
  good: 4,
  fail: () => {
    for (;;);
  },
});
