/** @file A GPU that is lost while it scores a log, after it did well when it was tried. */
import { isWork, serveFailing } from './failing.ts';

serveFailing({
  failing: (provider) => provider === 'webgpu',
  good: 0,
  counts: isWork,
  fail: () => {
    throw new Error('Device lost: /home/ada/.cache/driver.so gave up');
  },
});
