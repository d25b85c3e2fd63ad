/** @file Every detector, each in a line. */
import type { SessionDetector, StreamDetector } from '../detector.ts';
import { afterFailures } from './afterFailures.ts';
import { clock } from './clock.ts';
import { countVector } from './countVector.ts';
import { isolation } from './isolation.ts';
import { keyMean } from './keyMean.ts';
import { keyRank } from './keyRank.ts';
import { keySurprise } from './keySurprise.ts';
import { labelled } from './labelled.ts';
import { lineShape } from './lineShape.ts';
import { misfit } from './misfit.ts';
import { newKind } from './newKind.ts';
import { newPair } from './newPair.ts';
import { ngram } from './ngram.ts';
import { silence } from './silence.ts';
import { travel } from './travel.ts';
import { volume } from './volume.ts';
import { whoWhere } from './whoWhere.ts';

export const sessionDetectors: readonly SessionDetector<never>[] = [
  keySurprise as SessionDetector<never>,
  keyRank as SessionDetector<never>,
  keyMean as SessionDetector<never>,
  ngram as SessionDetector<never>,
  newKind as SessionDetector<never>,
  newPair as SessionDetector<never>,
  countVector as SessionDetector<never>,
  isolation as SessionDetector<never>,
  labelled as SessionDetector<never>,
];
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
