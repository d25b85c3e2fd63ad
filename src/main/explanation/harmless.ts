/** @file Finds where an answer calls an alert harmless, in English. It would rather find too much: what it finds is only shown with the evidence beside it. */
import type { Span } from '../../shared/lines.ts';

const adjective =
  'harmless|benign|normal|legitimate|routine|safe|expected|authori[sz]ed|innocuous|non-?malicious|ordinary|unremarkable|approved|planned|scheduled|trustworthy|permitted';
const bad =
  'anomal(?:y|ous|ies)|suspicious|malicious|unusual|abnormal|dangerous|threat(?:ening)?|attack|security (?:issue|incident|concern|problem)|intrusion|compromise|concern(?:ing)?|problem';

const claims: readonly RegExp[] = [
  /\bfalse[- ](?:positive|alarm)\b/gi,
  /\b(?:can|may|should|could|to|must) (?:be )?(?:safely )?(?:be )?(?:ignored?|dismiss(?:ed)?|closed?|disregard(?:ed)?|suppress(?:ed)?|muted?)\b/gi,
  new RegExp(
    `\\b(?:no|zero|without(?: any)?|not a|nor) (?:\\w+ ){0,3}?(?:${bad}|risk|danger|harm|alert(?! like)|alarm|cause|reason|need|action|investigation|indication)\\b`,
    'gi',
  ),
  new RegExp(`\\b(?:not|isn't|isn’t|aren't|aren’t|wasn't|wasn’t|hardly|never) (?:\\w+ ){0,2}?(?:${bad})\\b`, 'gi'),
  new RegExp(`\\bnothing (?:\\w+ )?(?:${bad}|wrong|to (?:worry|see|do|investigate))`, 'gi'),
  new RegExp(
    `\\b(?:is|are|was|were|be|being|seems?|appears?|looks?|considered|classified|likely|probably|entirely|completely|perfectly|just|simply|merely|only|it's|it’s|as|part of|reflects?|represents?|indicates?|shows?|suggests?)\\s+(?:[\\w-]+\\s+){0,3}?(?:${adjective})\\b`,
    'gi',
  ),
  new RegExp(`^\\W*(?:verdict|conclusion|classification|assessment|answer)?\\W*(?:${adjective})\\b`, 'gi'),
];

/** Before or within a claim that is none: "is not normal", "rather than the expected", "differs from normal". */
const negation =
  /\b(?:not|isn't|isn’t|aren't|aren’t|wasn't|wasn’t|never|hardly|neither|cannot be (?:considered|called|taken)|rather than|instead of|than|unlike|beyond|outside|from|differs?|deviat\w+|contrary|whether|if|instead|where|what|was expected|were expected|had expected|model expected)\b/i;
/** These deny by themselves: a negation before them is part of them, or turns them round. */
const deniesItself = 5;

function isTurned(sentence: string, match: RegExpExecArray, kind: number): boolean {
  const before = sentence.slice(Math.max(0, match.index - 24), match.index);
  if (kind < deniesItself) return /\b(?:not|never|cannot|rule out|n't|n’t)\W+(?:\w+\W+)?$/i.test(before);
  return (
    negation.test(match[0]) ||
    /\b(?:not|never|than|unlike|from|whether|instead of|rather than)\W+(?:\w+\W+){0,2}$/i.test(before)
  );
}

export function harmlessClaims(text: string): Span[] {
  const found: Span[] = [];
  for (const { 0: sentence, index: offset } of text.matchAll(/[^.!?\n]+(?:[.!?](?=\S)[^.!?\n]*)*/g)) {
    for (const [kind, pattern] of claims.entries()) {
      pattern.lastIndex = 0;
      for (const match of sentence.matchAll(pattern)) {
        if (!isTurned(sentence, match, kind))
          found.push({ start: offset + match.index, end: offset + match.index + match[0].length });
      }
    }
  }
  return found;
}
