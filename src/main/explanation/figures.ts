/** @file The figures that an answer gives by name (p-value, bits, threshold) against those of the evidence: a number that stands elsewhere in it is no p-value. */
import type { Span } from '../../shared/lines.ts';
import type { Evidence } from './evidence.ts';
import { isRounded, valueOf } from './numbers.ts';

const some = String.raw`((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?)(?![\d.,]*\d)(\s?%)?`;
const says = String.raw`(?:\s+(?:score|for (?:it|this|this (?:alert|event|line|sequence))))?\s*(?:,\s*)?(?:is|was|of|at|being|equals|stands at|set (?:to|at)|=|:|\()?\s*(?:only|just|about|around|approximately|roughly|exactly|~|≈|set (?:to|at))?\s*`;
const below = String.raw`(?:(?:much |far |well |even )?(?:below|under|less than|lower than|smaller than)|<=?|≤)`;
const above = String.raw`(?:(?:much |far |well |even )?(?:above|over|more than|greater than|higher than|larger than)|>=?|≥)`;
const compared = String.raw`(?:(${below}|${above})\s*)?`;

const pClaim = new RegExp(String.raw`\bp(?:[- ]?values?|\s*(?==))${says}${compared}${some}`, 'gid');
const thresholdClaim = new RegExp(String.raw`\bthreshold${says}${compared}${some}`, 'gid');
const bitsClaim = new RegExp(String.raw`\b${compared}${some}\s+bits?\b`, 'gid');
const overThreshold =
  /\bp[- ]?values?\b[^.!?\n]{0,40}?\b(?:above|over|exceeds?|greater than|higher than|larger than)\b[^.!?\n]{0,20}?\bthreshold\b/gi;

type Figures = { p: number[]; threshold: number[]; bits: number[] };

function figuresOf({ p, thresholdP, bits, votes, sequence }: Evidence): Figures {
  return {
    p: [...(p === null ? [] : [p]), ...votes.map((vote) => vote.p)],
    threshold: thresholdP === null ? [] : [thresholdP],
    bits: [...(bits > 0 ? [bits] : []), ...sequence.map((event) => event.bits)],
  };
}

function isTrue(said: string, relation: string | undefined, known: readonly number[], isShare: boolean): boolean {
  // "0.0041 %" is a share, too.
  const share = isShare ? valueOf(said) / 100 : valueOf(said);
  if (relation === undefined)
    return known.some((one) => isRounded(said, isShare ? Number((one * 100).toPrecision(12)) : one));
  return known.some((one) => (new RegExp(`^${below}$`, 'i').test(relation.trim()) ? one <= share : one >= share));
}

/** Where the answer names one of these figures with a number that is none of its kind. */
export function wrongFigures(text: string, evidence: Evidence): Span[] {
  const { p, threshold, bits } = figuresOf(evidence);
  const wrong: Span[] = [];
  const look = (pattern: RegExp, known: readonly number[]): void => {
    for (const { indices, 0: whole, 1: relation, 2: said = '', 3: percent } of text.matchAll(pattern)) {
      const [start, end] = indices?.[0] ?? [0, whole.length];
      if (!isTrue(said, relation, known, percent !== undefined)) wrong.push({ start, end });
    }
  };
  look(pClaim, p);
  look(thresholdClaim, threshold);
  look(bitsClaim, bits);
  if (evidence.p !== null && evidence.thresholdP !== null && evidence.p <= evidence.thresholdP)
    for (const { 0: whole, index } of text.matchAll(overThreshold)) {
      if (!/\b(?:not|never|no)\b/i.test(whole)) wrong.push({ start: index, end: index + whole.length });
    }
  return wrong;
}
