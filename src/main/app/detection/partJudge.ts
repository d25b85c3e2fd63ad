/** @file Judges the events of one part of a session by all detectors: the same for a batch and for what is followed. */
import type { Vote } from '../../../shared/detectors.ts';
import type { RuleFinding } from '../../../shared/presets.ts';
import type { GroupKey, SessionPartView } from '../../detect/detector.ts';
import type { DetectorSet } from './detectorSet.ts';
import type { Columns, Judge } from './judge.ts';
import type { SessionScores } from './sessionScores.ts';

/** Of each event i of a part. Good until the next part is judged. */
export type JudgedPart = {
  /** -log10 p. */
  scoreOf(index: number): number;
  votesOf(index: number): Vote[];
  /** What the rule of the preset found; null where all detectors judge. */
  findingOf(index: number): RuleFinding | null;
  /** Null without a key model. */
  perplexityOf(index: number): number | null;
  /** The key model's surprise, of a session's last event the larger of it and the end's; 0 without a key model. */
  bitsOf(index: number): number;
  /** The session's end surprises more than its last event. */
  isEnd(index: number): boolean;
};

/** Puts what the detectors of the log's order and of lines say of event i into row i of their columns. */
export type FillLogColumns = (index: number, columns: Columns) => void;

/** What the events of a kind of line are calibrated with. */
export type GroupOfKind = (templateIndex: number) => GroupKey;

export class PartJudge {
  readonly #judge: Judge;
  readonly #sessionColumnCount: number;
  readonly #groupOf: GroupOfKind;
  /** By kind of line. */
  readonly #groups = new Map<number, number>();
  #columns: Float32Array[];
  #perplexities = new Float32Array(0);

  constructor(set: DetectorSet, judge: Judge, groupOf: GroupOfKind) {
    this.#judge = judge;
    this.#groupOf = groupOf;
    this.#sessionColumnCount = set.session.length;
    this.#columns = set.ids.map(() => new Float32Array(0));
  }

  judge(
    session: SessionScores,
    part: SessionPartView,
    fill: FillLogColumns,
    templateOf: (index: number) => number,
  ): JudgedPart {
    const { count, bits, unexpected, first, hasEnd } = part;
    if (this.#perplexities.length < count) {
      this.#perplexities = new Float32Array(2 * count);
      this.#columns = this.#columns.map(() => new Float32Array(2 * count));
    }
    const [columns, perplexities, judge] = [this.#columns, this.#perplexities, this.#judge];
    session.score(part, columns, perplexities);
    const logColumns = columns.slice(this.#sessionColumnCount);
    if (logColumns.length > 0) for (let i = 0; i < count; i++) fill(i, logColumns);
    const own = (index: number): number => bits[first + index] ?? 0;
    const end = (index: number): number => (hasEnd && index === count - 1 ? (bits[first + count] ?? 0) : 0);
    // By a rule what it does not find does not count.
    const counts = (index: number): boolean => unexpected === undefined || unexpected[first + index] === 1;
    return {
      scoreOf: (index) => judge.scoreOf(columns, index, this.#group(templateOf(index))),
      votesOf: (index) => judge.votesOf(columns, index),
      findingOf: (index) => judge.findingOf?.(columns, index) ?? null,
      perplexityOf: (index) => {
        const perplexity = perplexities[index] ?? Number.NaN;
        return Number.isNaN(perplexity) ? null : perplexity;
      },
      bitsOf: (index) => Math.max(own(index), end(index)),
      isEnd: (index) => hasEnd && index === count - 1 && counts(count) && (!counts(index) || end(index) > own(index)),
    };
  }

  /** What stands behind the part that was judged last, of `count` events. */
  columns(count: number): Columns {
    return this.#columns.map((column) => column.subarray(0, count));
  }

  #group(templateIndex: number): number {
    let group = this.#groups.get(templateIndex);
    if (group === undefined)
      this.#groups.set(templateIndex, (group = this.#judge.groupOf(this.#groupOf(templateIndex))));
    return group;
  }
}
