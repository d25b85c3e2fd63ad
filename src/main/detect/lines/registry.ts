/** @file Every line detector, each in a line. */
import type { LineDetector } from '../detector.ts';
import { text } from './text.ts';
import { trigram } from './trigram.ts';

export const lineDetectors: readonly LineDetector<never>[] = [
  text as LineDetector<never>,
  trigram as LineDetector<never>,
];
