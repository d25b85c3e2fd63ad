/**
 * @file From the scores of many detectors to one p-value: each detector's own by its calibration, the smallest of them with Bonferroni's
 * correction, that again by a second calibration on rows that the first did not see, by group where a group has enough of them.
 * A row is what alerts: an event, or a whole session, for which a detector's score is the largest of its events'.
 */
import type { DetectorId, Vote } from '../../shared/detectors.ts';
import { AppError } from '../../shared/errors.ts';
import { rowDoubt } from '../../shared/rowDoubt.ts';
import { bitPrior, bitsAt, fitCalibration, minusLog10P, type Calibration } from './calibration.ts';
import type { GroupKey } from './detector.ts';
import { crowdedRows } from './incidents.ts';
import { leastVote, mostScore, numbered, OwnRowsMaker, type OwnRows } from './ownRows.ts';
import { fitGroupApart, fitSecond, type RowFacts, type Second } from './second.ts';
import { isLead, weightsOf } from './weights.ts';

export type FusedDetector = {
  id: DetectorId;
  /** Null: it said nothing of any row; when it does, that alone is as rare as the share says. */
  calibration: Calibration | null;
  /** Share of rows on which the detector says something: its p-value among all rows is `share` times that among those. */
  share: number;
  /** Its part of the false alarms: all weights sum to 1. */
  weight: number;
};

/** JSON; kept in `detector.json`. */
export type FusionData = {
  detectors: FusedDetector[];
  second: Second;
  /** Rows that were left out as incidents, for those who want to look at them: of each detector, and of the second calibration. */
  leftOut: { detectors: number[]; second: number };
};

export type Judgement = {
  /** -log10 of the fused p-value. */
  score: number;
  /** What the fused p-value comes from, the strongest first; only those with p of at most a tenth. */
  votes: Vote[];
};

/** Aligned with the others; NaN where the detector says nothing. */
export type DetectorColumn = { id: DetectorId; scores: Float32Array };

export type FusionInput = RowFacts & {
  /** Rows taken as normal, in the order of the log. */
  columns: readonly DetectorColumn[];
  /** Groups whose rows are not among those of `columns`, as sessions that the log's end cut off: judged by the same detectors, calibrated apart. */
  apart?: readonly { key: GroupKey; columns: readonly DetectorColumn[] }[];
  doubt?: RowsInDoubt;
};

/** `marks`: of `rowDoubt`. `falseAlarms`: how many of the alerts that nobody decided are likely to be normal rows that alerted by chance. */
export type RowsInDoubt = { marks: Uint8Array; falseAlarms: number };

/** Each part's first calibration, for the second, is that of the other parts; a part is many stretches of the log, as neighbours are alike. */
const parts = 4;
const stretchesPerPart = 10;
/**
 * They speak where a stretch ends, and that it does is no evidence: how often they speak says nothing. On BGL, where a later log has nothing but
 * short sessions, their share made every line rare.
 */
const ofStretches: ReadonlySet<DetectorId> = new Set(['key_mean', 'count_vector', 'isolation']);
/** What is found of a stretch needs so many of them to compare with; before it says nothing. */
const leastStretches = 100;
/** Smaller calibrations than this cannot be divided. */
const leastDivided = 20;
/** A detector's tail goes on, until it shows otherwise, as the larger tail before it falls. */
const broadTail = { share: 0.05, least: 30 };
/**
 * Beyond what its calibration resolves, one that follows another in what it looks at still ranks, but rises by so little that it does not outweigh
 * it: on BGL, in a year that is nothing like what was learned, n-grams put half of the lines above all that the key model set apart.
 */
const followersGrowth = 0.05;
/** Throws BAD_INPUT when there is nothing to calibrate on. */
export function fitFusion(input: FusionInput): FusionData {
  return fitFusionOnRows(input).fusion;
}

/** Also gives what each detector said by itself of the rows: what the second calibration is made of again for other weights. */
export function fitFusionOnRows(input: FusionInput): { fusion: FusionData; rows: OwnRows } {
  const { columns, groups, kinds, apart = [], doubt } = input;
  const rowCount = columns[0]?.scores.length ?? 0;
  if (rowCount === 0)
    throw new AppError('BAD_INPUT', 'There is no held-back event to calibrate on; learn from a longer log.');
  const weights = weightsOf(columns.map(({ id }) => id));
  const certain = (scores: Float32Array): Float32Array =>
    doubt ? scores.map((score, row) => (doubt.marks[row] === rowDoubt.none ? score : NaN)) : scores;
  const crowds = columns.map(({ scores }) => crowdedRows(certain(scores), kinds));
  const anyCrowd = Uint8Array.from({ length: rowCount }, (_, row) =>
    (doubt?.marks[row] ?? rowDoubt.none) === rowDoubt.none ? 0 : 1,
  );
  for (const crowd of crowds) crowd?.forEach((isLeftOut, row) => (anyCrowd[row] = (anyCrowd[row] ?? 0) | isLeftOut));
  const fitWithout = (part: number | null): FusedDetector[] =>
    columns.map(({ id, scores }, index) => ({
      id,
      weight: weights[index] ?? 0,
      ...fitDetector(id, scores, anyCrowd, part),
    }));

  const detectors = fitWithout(null);
  const smallest = new Float32Array(rowCount);
  const ordered = columns.map(({ scores }) => scores);
  const fusions = Array.from(
    { length: parts },
    (_, part) => new SmallestP(rowCount < leastDivided ? detectors : fitWithout(part)),
  );
  const fusionOf = (row: number): SmallestP | undefined => fusions[partOf(row, rowCount)];
  for (let row = 0; row < rowCount; row++) smallest[row] = fusionOf(row)?.score(ordered, row) ?? NaN;
  if (doubt) leaveOutDoubtful(smallest, doubt);
  const own = new OwnRowsMaker(smallest, columns.length);
  for (let row = 0; row < rowCount; row++)
    own.set(row, (detector) => fusionOf(row)?.own(detector, ordered[detector]?.[row] ?? NaN) ?? 0);
  const { second, leftOut } = fitSecond(smallest, { groups, kinds });
  for (const { key, columns: others } of apart) {
    const fusion = new SmallestP(detectors);
    const inOrder = detectors.map(({ id }) => others.find((column) => column.id === id)?.scores);
    const scores = Float32Array.from({ length: others[0]?.scores.length ?? 0 }, (_, row) => fusion.score(inOrder, row));
    const calibration = fitGroupApart(scores, second.pooled);
    if (calibration) second.groups[key] = calibration;
  }
  return {
    fusion: { detectors, second, leftOut: { detectors: crowds.map(countOf), second: leftOut } },
    rows: {
      detectors: detectors.map(({ id, weight }) => ({ id, weight })),
      second,
      own: own.own,
      kinds: kinds ? numbered(own.chosen(kinds)) : null,
      groups: groups ? { keys: [...groups.keys], of: Int32Array.from(own.chosen(groups.of)) } : null,
    },
  };
}

/**
 * What is in doubt becomes NaN, but for as few alerts as were to be expected of chance, those that are least unusual. Which of them are chance nobody knows;
 * how many the threshold lets through is known. Without any the highest of the normal rows would be cut off: with nothing but false alarms open 1.4
 * (of 2,000 rows) to 2.0 times as many alerted as were asked for, and more with each learning; like this 1.1 to 1.2 times. With all of them an open attack
 * would lift the threshold above itself; like this the threshold lies at the lowest of the alerts. One less, for a conformal p-value adds a row of its
 * own: with it all rows of an attack that repeats itself, which are equally unusual, would just not alert.
 */
function leaveOutDoubtful(smallest: Float32Array, { marks, falseAlarms }: RowsInDoubt): void {
  const alerts: number[] = [];
  marks.forEach((mark, row) => {
    if (mark === rowDoubt.undecidedAlert) alerts.push(row);
  });
  alerts.sort((a, b) => (smallest[a] ?? 0) - (smallest[b] ?? 0) || a - b);
  const kept = new Set(alerts.slice(0, Math.max(0, Math.floor(falseAlarms) - 1)));
  marks.forEach((mark, row) => {
    if (mark !== rowDoubt.none && !kept.has(row)) smallest[row] = NaN;
  });
}

function partOf(row: number, rowCount: number): number {
  return Math.floor((row * parts * stretchesPerPart) / rowCount) % parts;
}

function countOf(leftOut: Uint8Array | null): number {
  return leftOut?.reduce((sum, isLeftOut) => sum + isLeftOut, 0) ?? 0;
}

/** From all rows but those of `part`. */
function fitDetector(
  id: DetectorId,
  scores: Float32Array,
  leftOut: Uint8Array | null,
  part: number | null,
): Pick<FusedDetector, 'calibration' | 'share'> {
  const spoken = new Float32Array(scores.length);
  let count = 0;
  let rows = 0;
  for (let row = 0; row < scores.length; row++) {
    if (leftOut?.[row] === 1 || (part !== null && partOf(row, scores.length) === part)) continue;
    rows++;
    const score = scores[row] ?? NaN;
    if (Number.isFinite(score)) spoken[count++] = score;
  }
  const used = spoken.subarray(0, count).sort();
  if (ofStretches.has(id) && count < Math.min(rows, leastStretches)) return { calibration: null, share: 1 };
  return {
    calibration: count === 0 ? null : fitCalibration(used, { ...bitPrior, scale: broadScale(used) }),
    // So that a score above all others has the p-value of one in so many rows.
    share: ofStretches.has(id) ? 1 : (count + 1) / (rows + 1),
  };
}

/** Mean excess over the broad tail's beginning. */
function broadScale(ascending: Float32Array): number {
  const count = Math.min(ascending.length, Math.max(broadTail.least, Math.ceil(ascending.length * broadTail.share)));
  const start = ascending[ascending.length - count] ?? 0;
  let sum = 0;
  for (let i = ascending.length - count; i < ascending.length; i++) sum += (ascending[i] ?? 0) - start;
  return sum > 0 ? sum / count : bitPrior.scale;
}

type Columns = readonly (Float32Array | undefined)[];

/** Steps in -log10 p of the table by which scores that cannot be the strongest are passed over. */
const stepsPerUnit = 4;
const stepCount = 8 * stepsPerUnit;

/** The first stage: what the detectors say together. */
class SmallestP {
  readonly detectors: readonly FusedDetector[];
  readonly #ownLogs: Float64Array;
  readonly #weightLogs: Float64Array;
  /** What the calibration of one that follows can tell. */
  readonly #resolved: Float64Array;
  /** By detector, and by step of -log10 p after correction: a score at or below this has no more. */
  readonly #least: Float64Array;

  /** A score at or below this is no vote. */
  readonly #noVote: Float64Array;

  constructor(detectors: readonly FusedDetector[]) {
    this.detectors = detectors;
    this.#noVote = new Float64Array(detectors.length).fill(-Infinity);
    this.#ownLogs = Float64Array.from(detectors, ({ share }) => -Math.log10(share));
    this.#weightLogs = Float64Array.from(detectors, ({ weight }) => Math.log10(weight));
    // One that seldom speaks is compared with all rows by speaking, and with its own scores by how loud it is.
    const ids = detectors.map(({ id }) => id);
    this.#resolved = Float64Array.from(detectors, ({ id, calibration, share }) =>
      isLead(id, ids) || !calibration ? Infinity : Math.log10((calibration.count + 1) / share),
    );
    this.#least = new Float64Array(detectors.length * stepCount).fill(-Infinity);
    detectors.forEach(({ calibration }, detector) => {
      if (!calibration) return;
      const noVote = bitsAt(calibration, leastVote - (this.#ownLogs[detector] ?? 0)) * (1 - 1e-6);
      if (this.own(detector, noVote) < leastVote) this.#noVote[detector] = noVote;
      for (let step = 0; step < stepCount; step++) {
        const score = bitsAt(calibration, step / stepsPerUnit - this.weighed(detector, this.#ownLogs[detector] ?? 0));
        if (this.weighed(detector, this.own(detector, score)) > step / stepsPerUnit + 1e-6) continue;
        this.#least[detector * stepCount + step] = score;
      }
    });
  }

  /** -log10 of a detector's own p-value among all rows; 0 where it says nothing. */
  own(detector: number, score: number): number {
    if (Number.isNaN(score)) return 0;
    const calibration = this.detectors[detector]?.calibration;
    const own = (this.#ownLogs[detector] ?? 0) + (calibration ? minusLog10P(calibration, score) : 0);
    const beyond = own - (this.#resolved[detector] ?? Infinity);
    return beyond > 0 ? own - (1 - followersGrowth) * beyond : own;
  }

  /**
   * -log10 of the smallest p-value after its correction, a little more where others vote with it: of rows that one detector finds equally unusual
   * those come first that others find unusual, too. With all votes it is the weighed harmonic mean (Wilson, PNAS 2019).
   */
  score(columns: Columns, row: number): number {
    let largest = 0;
    let votes = 0;
    for (let detector = 0; detector < columns.length; detector++) {
      const score = columns[detector]?.[row] ?? NaN;
      const step = Math.min(stepCount - 1, Math.floor(largest * stepsPerUnit));
      const isLess = score <= (this.#least[detector * stepCount + step] ?? 0);
      if (Number.isNaN(score) || (isLess && score <= (this.#noVote[detector] ?? 0))) continue;
      const own = this.own(detector, score);
      const weighed = this.weighed(detector, own);
      largest = Math.max(largest, weighed);
      if (own >= leastVote) votes += 10 ** Math.min(weighed, mostScore);
    }
    return votes > 0 ? Math.max(largest, Math.log10(votes)) : largest;
  }

  weighed(detector: number, own: number): number {
    return own + (this.#weightLogs[detector] ?? 0);
  }
}

/** Judges rows; allocates nothing for one that nobody asks the votes of. */
export class Fusion {
  /** The order in which columns are given. */
  readonly ids: readonly DetectorId[];
  readonly #first: SmallestP;
  readonly #pooled: Calibration;
  readonly #groupKeys: readonly GroupKey[];
  readonly #groups: readonly Calibration[];

  constructor(data: FusionData) {
    this.ids = data.detectors.map(({ id }) => id);
    this.#first = new SmallestP(data.detectors);
    this.#pooled = data.second.pooled;
    this.#groupKeys = Object.keys(data.second.groups);
    this.#groups = Object.values(data.second.groups);
  }

  /** The columns in the order of `ids`. Of detectors that do not run there is none, and none is used that was not calibrated. */
  columnsOf(columns: readonly DetectorColumn[]): (Float32Array | undefined)[] {
    return this.ids.map((id) => columns.find((column) => column.id === id)?.scores);
  }

  /** Number of a group for `score`; -1 where it is judged by all. Ask once, not for each row. */
  groupOf(key: GroupKey): number {
    return this.#groupKeys.indexOf(key);
  }

  /** -log10 of the fused p-value of a row. */
  score(columns: Columns, row: number, group = -1): number {
    return minusLog10P(this.#groups[group] ?? this.#pooled, this.#first.score(columns, row));
  }

  votes(columns: Columns, row: number): Vote[] {
    return this.ids
      .map((detector, index): Vote & { weighed: number } => {
        const score = this.#first.own(index, columns[index]?.[row] ?? NaN);
        return { detector, score, weighed: this.#first.weighed(index, score) };
      })
      .filter(({ score }) => score >= leastVote)
      .sort((a, b) => b.weighed - a.weighed)
      .map(({ detector, score }) => ({ detector, score }));
  }

  /** A detector's own -log10 p of a score; 0 for one that was not calibrated. */
  ownOf(id: DetectorId, score: number): number {
    const index = this.ids.indexOf(id);
    return index < 0 ? 0 : this.#first.own(index, score);
  }

  judge(columns: Columns, row: number, group = -1): Judgement {
    return { score: this.score(columns, row, group), votes: this.votes(columns, row) };
  }
}

/** Columns of whole sessions: each detector's largest score among the rows `offsets[i]` to `offsets[i + 1]`. */
export function largestOfSessions(columns: readonly DetectorColumn[], offsets: ArrayLike<number>): DetectorColumn[] {
  const count = offsets.length - 1;
  return columns.map(({ id, scores }) => {
    const largest = new Float32Array(count).fill(NaN);
    for (let session = 0; session < count; session++) {
      for (let row = offsets[session] ?? 0; row < (offsets[session + 1] ?? 0); row++) {
        const score = scores[row] ?? NaN;
        if (score > (largest[session] ?? NaN) || Number.isNaN(largest[session])) largest[session] = score;
      }
    }
    return { id, scores: largest };
  });
}
