/** @file Judges whole sessions: of each detector what is strangest in it counts, and what it finds of the session as one. */
import type { Vote } from '../../../shared/detectors.ts';
import type { ScoreGraph } from '../../../shared/engineProtocol.ts';
import type { RuleFinding } from '../../../shared/presets.ts';
import type { SessionPartView } from '../../detect/detector.ts';
import type { Detection } from './detection.ts';
import type { Judge } from './judge.ts';
import { PartJudge, type JudgedPart } from './partJudge.ts';
import { SessionScores } from './sessionScores.ts';

export type JudgedSession = {
  /** Of its events; their scores are not those of the session. */
  judged: JudgedPart;
  /** -log10 p of the session. */
  score: number;
  votes: Vote[];
  rule: RuleFinding | null;
  /** -log10 p of a session with nothing else in it. */
  eventScoreOf(index: number): number;
  /** The event that the strongest vote is about. */
  strongest: number;
};

/** Sessions of ids are of one group. */
export const sequenceGroup = 'sequences';

export class SessionJudge {
  readonly #detection: Detection;
  readonly #judge: Judge;
  readonly #parts: PartJudge;

  constructor(detection: Detection, graph: ScoreGraph) {
    this.#detection = detection;
    this.#judge = detection.judges[graph];
    this.#parts = new PartJudge(detection.set, this.#judge, () => sequenceGroup);
  }

  /** Good until the next one is judged. */
  judge(session: SessionPartView): JudgedSession {
    const { set } = this.#detection;
    const judged = this.#parts.judge(
      new SessionScores(set, true),
      session,
      () => undefined,
      () => 0,
    );
    const columns = this.#parts.columns(session.count);
    const places = columns.map(placeOfLargest);
    const largest = columns.map((column, detector) => Float32Array.of(column[places[detector] ?? 0] ?? Number.NaN));
    const votes = this.#judge.votesOf(largest, 0);
    const detector = set.ids.indexOf(votes[0]?.detector ?? 'key');
    return {
      judged,
      score: this.#judge.scoreOf(largest, 0, this.#judge.groupOf(sequenceGroup)),
      votes,
      rule: this.#judge.findingOf?.(largest, 0) ?? null,
      eventScoreOf: (index) => judged.scoreOf(index),
      strongest: places[detector] ?? 0,
    };
  }
}

/** The first of them; 0 where the detector says nothing. */
function placeOfLargest(column: Float32Array): number {
  let place = 0;
  column.forEach((score, index) => {
    const most = column[place] ?? Number.NaN;
    if (score > most || (Number.isNaN(most) && !Number.isNaN(score))) place = index;
  });
  return place;
}
