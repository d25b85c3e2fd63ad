/** @file Every detector, each in a line. */
import type { SessionDetector, StreamDetector } from '../detector.ts';
import { afterFailures } from './afterFailures.ts';
import { clock } from './clock.ts';
import { keySurprise } from './keySurprise.ts';
import { lineShape } from './lineShape.ts';
import { misfit } from './misfit.ts';
import { silence } from './silence.ts';
import { travel } from './travel.ts';
import { volume } from './volume.ts';
import { whoWhere } from './whoWhere.ts';

export const sessionDetectors: readonly SessionDetector<never>[] = [keySurprise as SessionDetector<never>];
export const streamDetectors: readonly StreamDetector<never>[] = [
  lineShape as StreamDetector<never>,
  misfit as StreamDetector<never>,
  clock as StreamDetector<never>,
  volume as StreamDetector<never>,
  silence as StreamDetector<never>,
  whoWhere as StreamDetector<never>,
  afterFailures as StreamDetector<never>,
  travel as StreamDetector<never>,
];
