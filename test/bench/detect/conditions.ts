/** @file The conditions of real logs, by name: each is a table, or null where a set cannot show it. */
import { adaptive } from './conditions/adaptive.ts';
import { contaminated } from './conditions/contaminated.ts';
import { cutOffByEnd } from './conditions/cutOffByEnd.ts';
import { exchange } from './conditions/exchange.ts';
import { incident } from './conditions/incident.ts';
import { labAttacks } from './conditions/labAttacks.ts';
import type { RunOptions } from './protocols.ts';
import type { LabelledSet } from './sessions.ts';

export type ConditionTable = { notes: string[]; rows: Record<string, string | number>[] };
export type Condition = (set: LabelledSet, options: RunOptions) => Promise<ConditionTable | null>;

export const conditions: Record<string, Condition> = {
  contaminated,
  cut_off: cutOffByEnd,
  incident,
  exchange,
  adaptive,
  lab_attacks: labAttacks,
};
