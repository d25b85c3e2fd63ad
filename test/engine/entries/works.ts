/** @file GPUs that do as the CPU does. */
import { serveFailing } from './failing.ts';

serveFailing({ failing: () => false, good: 0, fail: (answer) => answer });
