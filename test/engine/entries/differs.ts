/** @file A GPU that rounds too much. */
import { serveFailing, shifted } from './failing.ts';

serveFailing({ failing: (provider) => provider === 'webgpu', good: 0, fail: (answer) => shifted(answer, -0.02) });
