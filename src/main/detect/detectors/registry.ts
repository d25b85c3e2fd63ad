/** @file Every detector, each in a line. */
import type { SessionDetector, StreamDetector } from '../detector.ts';
import { keySurprise } from './keySurprise.ts';

export const sessionDetectors: readonly SessionDetector<never>[] = [keySurprise as SessionDetector<never>];
export const streamDetectors: readonly StreamDetector<never>[] = [];
