/**
 * @file The gate (science.md 7.5): a retrained model beside the one in use, on verdicts and on normal events that neither learned from. The false
 * alarms of both are measured alike: calibrated on the earlier part of what was held back, counted on the later.
 */
import type { GateCheck, GateFigure, GateReport, ReplayDiff } from '../../../shared/retraining.ts';
import { alarmsExpected, confidence } from '../../detect/achieved.ts';
import { betaQuantile } from '../../detect/beta.ts';
import { mostAlerting } from '../../detect/budget.ts';
import { fitFusion, Fusion, type DetectorColumn } from '../../detect/fusion.ts';
import { rankCorrelation } from '../../detect/graphGate.ts';
import { rowDoubt } from '../../../shared/rowDoubt.ts';
import type { HeldRows } from '../detection/heldBack.ts';
import { countClasses } from './split.ts';

const mostLikelihoodLoss = 0.02;
const leastRankCorrelation = 0.9;
/** Of the events held back, in time, those that calibrate for the gate. */
const calibratingShare = 0.6;
/** Bits an event: a log that is more certain has no two per cent to speak of, as in training by reward. */
const leastBits = 0.01 / Math.LN2;

/** Of a verdict that was held out: whether either model alerts. */
export type HeldOutVerdict = { isThreat: boolean; before: boolean; after: boolean };

export type GateInput = {
  heldOut: readonly HeldOutVerdict[];
  rows: { before: HeldRows; after: HeldRows };
  lost: { count: number; of: number };
};

/** Of so many normal events held out. */
export function gateChecksOf({ heldOut, rows, lost }: GateInput): { normalEvents: number; checks: GateCheck[] } {
  const [bitsBefore, bitsAfter] = [keyBits(normalOf(rows.before)), keyBits(normalOf(rows.after))];
  const [normalBefore, normalAfter] = [meanOf(bitsBefore), meanOf(bitsAfter)];
  const ranks = rankCorrelation(bitsBefore.map(rounded), bitsAfter.map(rounded));
  const checks: GateCheck[] = [
    ...alarmChecksOf({ heldOut, rows, lost }),
    {
      id: 'likelihood',
      unit: 'bits',
      before: normalBefore,
      after: normalAfter,
      wants: 'at most 2 % above what it is now',
      isHeld: normalAfter.value - normalBefore.value <= mostLikelihoodLoss * Math.max(leastBits, normalBefore.value),
    },
    {
      id: 'ranks',
      unit: 'correlation',
      before: null,
      after: { value: ranks, low: null, high: null, of: bitsAfter.length },
      wants: 'at least 0.9',
      isHeld: ranks >= leastRankCorrelation,
    },
  ];
  return { normalEvents: bitsAfter.length, checks };
}

/** What becomes of alarms, right and false, whatever it is that changed. */
export function alarmChecksOf({ rows, ...verdicts }: GateInput): GateCheck[] {
  return [...verdictChecksOf(verdicts), falseAlarms(rows)];
}

/** Those of them that verdicts tell. */
function verdictChecksOf({ heldOut, lost }: Omit<GateInput, 'rows'>): GateCheck[] {
  const threats = heldOut.filter(({ isThreat }) => isThreat);
  const harmless = heldOut.filter(({ isThreat }) => !isThreat);
  const alarms = (which: readonly HeldOutVerdict[], model: 'before' | 'after'): number =>
    which.filter((verdict) => verdict[model]).length;
  const share = (which: readonly HeldOutVerdict[], model: 'before' | 'after'): GateFigure =>
    shareOf(alarms(which, model), which.length);
  const count = (value: number, of: number): GateFigure => ({ value, low: null, high: null, of });
  return [
    {
      id: 'lost',
      unit: 'count',
      before: null,
      after: count(lost.count, lost.of),
      wants: 'no confirmed threat that is raised now falls below the threshold',
      isHeld: lost.count === 0,
    },
    {
      id: 'recall',
      unit: 'share',
      before: share(threats, 'before'),
      after: share(threats, 'after'),
      wants: 'not lower than now',
      isHeld: alarms(threats, 'after') >= alarms(threats, 'before'),
    },
    {
      id: 'harmless',
      unit: 'share',
      before: share(harmless, 'before'),
      after: share(harmless, 'after'),
      wants: 'lower is better',
      isHeld: null,
    },
  ];
}

/** What a replay over the decided alerts of now finds. `threats`: confirmed ones. `heldOut` null: nobody knows any more which were. */
export type VerdictsNow = { replay: ReplayDiff; threats: number; heldOut: readonly HeldOutVerdict[] | null };

/** A report with what it says of verdicts made again: some came since, or were taken back. */
export function judgedAnew<R extends Pick<GateReport, 'checks' | 'replay' | 'heldOut'>>(
  report: R,
  { replay: { lost, raisedAgain, falseAlarms }, threats, heldOut }: VerdictsNow,
): R {
  const anew = verdictChecksOf({ heldOut: heldOut ?? [], lost: { count: lost.count, of: threats } }).filter(
    ({ id }) => heldOut !== null || id === 'lost',
  );
  return {
    ...report,
    ...(heldOut ? { heldOut: countClasses(heldOut) } : {}),
    checks: report.checks.map((check) => anew.find(({ id }) => id === check.id) ?? check),
    replay: { ...report.replay, lost, raisedAgain, falseAlarms },
  };
}

/** Where one in a hundred normal events may alert: as many as chance allows, or no further from that than the model in use. */
function falseAlarms({ before, after }: GateInput['rows']): GateCheck {
  const [own, reference] = [realised(normalOf(after)), realised(normalOf(before))];
  const { low, high } = alarmsExpected(-Math.log10(mostAlerting), own.calibrated, own.tested);
  const distance = ({ alarms, tested }: typeof own): number => Math.abs(alarms / Math.max(1, tested) - mostAlerting);
  return {
    id: 'false_alarms',
    unit: 'share',
    before: shareOf(reference.alarms, reference.tested),
    after: shareOf(own.alarms, own.tested),
    wants: `1 % was asked for: ${((low / Math.max(1, own.tested)) * 100).toFixed(2)} to ${((high / Math.max(1, own.tested)) * 100).toFixed(2)} % is chance`,
    isHeld: (own.alarms >= low && own.alarms <= high) || distance(own) <= distance(reference),
  };
}

/** Without what is under an alert that nobody decided or a threat: both models are measured on what is known to be normal. */
function normalOf({ columns, kinds, tables, doubt, perplexities }: HeldRows): HeldRows {
  const isNormal = (_: unknown, row: number): boolean => doubt[row] === rowDoubt.none;
  return {
    columns: columns.map(({ id, scores }) => ({ id, scores: scores.filter(isNormal) })),
    kinds: kinds.filter(isNormal),
    tables: tables.filter(isNormal),
    doubt: doubt.filter(isNormal),
    perplexities: perplexities.filter(isNormal),
  };
}

function realised({ columns, kinds, tables }: HeldRows): { alarms: number; calibrated: number; tested: number } {
  const sizes = new Map<number, number>();
  for (const table of tables) sizes.set(table, (sizes.get(table) ?? 0) + 1);
  const seen = new Map<number, number>();
  // Rows of a table are in the order of its log.
  const isEarly = Uint8Array.from(tables, (table) => {
    const place = seen.get(table) ?? 0;
    seen.set(table, place + 1);
    return place < calibratingShare * (sizes.get(table) ?? 0) ? 1 : 0;
  });
  const part = (wanted: number): DetectorColumn[] =>
    columns.map(({ id, scores }) => ({ id, scores: scores.filter((_, row) => isEarly[row] === wanted) }));
  const [early, late] = [part(1), part(0)];
  const calibrated = early[0]?.scores.length ?? 0;
  const tested = late[0]?.scores.length ?? 0;
  const fusion = new Fusion(fitFusion({ columns: early, kinds: kinds.filter((_, row) => isEarly[row] === 1) }));
  const ordered = fusion.columnsOf(late);
  let alarms = 0;
  for (let row = 0; row < tested; row++) if (fusion.score(ordered, row) >= -Math.log10(mostAlerting)) alarms++;
  return { alarms, calibrated, tested };
}

function keyBits({ columns }: HeldRows): Float64Array {
  return Float64Array.from(columns.find(({ id }) => id === 'key')?.scores ?? []);
}

/** What differs by less is the same, as for the ranks of a kind of line. */
function rounded(bits: number): number {
  return Math.round(bits * 100) / 100;
}

function meanOf(values: Float64Array): GateFigure {
  const of = values.length;
  const value = values.reduce((sum, one) => sum + one, 0) / Math.max(1, of);
  const variance = values.reduce((sum, one) => sum + (one - value) ** 2, 0) / Math.max(1, of - 1);
  const margin = 1.96 * Math.sqrt(variance / Math.max(1, of));
  return { value, low: Math.max(0, value - margin), high: value + margin, of };
}

/** With Jeffreys' interval. */
function shareOf(count: number, of: number): GateFigure {
  if (of === 0) return { value: 0, low: null, high: null, of };
  const outside = (1 - confidence) / 2;
  return {
    value: count / of,
    low: count === 0 ? 0 : betaQuantile(outside, count + 0.5, of - count + 0.5),
    high: count === of ? 1 : betaQuantile(1 - outside, count + 0.5, of - count + 0.5),
    of,
  };
}
