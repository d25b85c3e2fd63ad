/**
 * @file What a filter of alerts is once it was read: terms that all must hold. A name before an operator is a field; anything else is words
 * to look for. Nothing here came from a log: a filter is what an analyst wrote or picked.
 */
import type { AlertState, ReasonKind, SeverityLevel } from '../alerts.ts';
import type { VerdictValue } from '../verdicts.ts';
import type { Span } from '../lines.ts';
import type { WallTime } from './times.ts';

export type Comparison = ':' | '>=' | '>' | '<=' | '<';

/** A name as it is written in logs; `*` in it stands for anything, unless it was quoted. */
export type NamePattern = { text: string; isExact: boolean };

export type FilterTerm = { isNegated: boolean; span: Span } & (
  | { kind: 'words'; text: string }
  | { kind: 'state'; values: AlertState[] }
  | { kind: 'severity'; comparison: Comparison; values: SeverityLevel[] }
  | { kind: 'number'; field: 'score' | 'bits'; comparison: Comparison; values: number[] }
  | { kind: 'name'; field: NameField; values: NamePattern[] }
  | { kind: 'template'; values: number[] }
  | { kind: 'reason'; values: ReasonKind[] }
  | { kind: 'verdict'; values: (VerdictValue | 'any' | 'none')[] }
  | { kind: 'owner'; values: (NamePattern | 'me' | 'any' | 'none')[] }
  | { kind: 'case'; values: (number | 'any' | 'none')[] }
  | { kind: 'hash'; field: 'signature' | 'actor'; values: string[] }
  | { kind: 'text'; field: 'title' | 'line'; values: string[] }
  | { kind: 'time'; field: 'at' | 'raised'; comparison: Comparison; values: WallTime[] }
  | { kind: 'viewed'; isViewed: boolean }
);

export const nameFields = ['source', 'host', 'user', 'address', 'process', 'entity', 'detector'] as const;
export type NameField = (typeof nameFields)[number];

export type Filter = readonly FilterTerm[];

/** Where a filter cannot be understood, and what may have been meant. Positions are UTF-16 offsets into the text. */
export type FilterProblem = { message: string; span: Span };
