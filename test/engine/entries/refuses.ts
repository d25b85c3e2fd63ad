/** @file A GPU that is lost while it scores. */
import { serveFailing } from './failing.ts';

serveFailing({
  failing: (provider) => provider === 'webgpu',
  good: 4,
  fail: () => {
    throw new Error('the device was lost');
  },
});
