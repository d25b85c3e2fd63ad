/** @file A GPU that answers with what its memory held. */
import { serveFailing, shifted } from './failing.ts';

serveFailing({ failing: (provider) => provider === 'webgpu', good: 4, fail: (answer) => shifted(answer, NaN) });
