/** @file A model that takes down whatever runs it, the CPU too. */
import process from 'node:process';
import { serveFailing } from './failing.ts';

serveFailing({ failing: () => true, good: 2, fail: () => process.exit(3) });
