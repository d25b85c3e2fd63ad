/** @file Judges the new events of a session that grows by all detectors, as a batch would: its stretch is gone through again from where it began. */
import type { ScoreGraph } from '../../../shared/engineProtocol.ts';
import type { SourceFormat } from '../../../shared/lines.ts';
import type { Client } from '../../../shared/port.ts';
import { keyTokens } from '../../../shared/sequences.ts';
import { streamHistoryEvents, type TokenScores } from '../../detect/detector.ts';
import type { SampleRate } from '../../detect/sampling.ts';
import { readStreamPages } from '../../learn/keyTable.ts';
import type { StoreMethods } from '../../store/protocol.ts';
import type { Detection } from '../detection/detection.ts';
import { groupKeyOf } from '../../detect/groups.ts';
import { LiveLog } from '../detection/liveLog.ts';
import { PartJudge } from '../detection/partJudge.ts';
import { SessionScores } from '../detection/sessionScores.ts';
import { cutPage } from '../detection/tablePages.ts';
import type { EventSurprise, ScoreContext } from '../newAlert.ts';
import { keptScore } from '../detection/byPreset.ts';
import type { LiveEvent, LiveSequence, LiveSession } from './liveSession.ts';

export type LiveStep = {
  source: { format: SourceFormat; log: LiveLog | null; samples: Pick<SampleRate, 'draws'> };
  session: LiveSession;
  fresh: LiveEvent[];
  hasEnd: boolean;
  sequence: LiveSequence;
};

export type JudgedStep = {
  surprises: EventSurprise[];
  /** -log10 p of the fresh events. */
  scores: number[];
  /** Fresh events that are not flagged and are drawn. */
  drawn: EventSurprise[];
  /** Events at or above the threshold that were not before. */
  overCount: number;
  /** All fresh events that are judged, where that was asked for. */
  judged: EventSurprise[];
};

export class LiveJudge {
  readonly #store: Client<StoreMethods>;
  readonly #tellsAll: boolean;
  /** By graph and format, of the model in use. */
  readonly #judges = new Map<string, PartJudge>();
  /** By kind of line, the keyed hash of the program that writes it, which never changes. */
  readonly #programs = new Map<number, number>();

  constructor(store: Client<StoreMethods>, tellsAll = false) {
    this.#store = store;
    this.#tellsAll = tellsAll;
  }

  /** Another is in use, or judges in another way. */
  forgetModel(): void {
    this.#judges.clear();
  }

  /** What surprised before, under the judges of now. */
  rejudge(format: SourceFormat, session: LiveSession, { detection, model }: ScoreContext): void {
    const judge = detection.judges[model.graph];
    session.rejudge(({ votes, templateIndex, score }) => {
      const group = groupKeyOf(format, this.programOf(templateIndex));
      return judge.scoreOfVotes?.(votes, group) ?? score;
    });
  }

  /** Changes nothing that the next call would not find the same: what failed is judged again. */
  judge(
    { source, session, fresh, hasEnd, sequence }: LiveStep,
    scored: TokenScores,
    graph: ScoreGraph,
    { model, threshold, detection }: ScoreContext,
  ): JudgedStep {
    const tokenOf = ({ templateIndex, severity }: LiveEvent): number => model.vocabulary.idOf(templateIndex, severity);
    const { part: own, events, from } = session.view(fresh, hasEnd, sequence, scored, tokenOf);
    const { log } = source;
    const kinds = own.kinds.map((kind, index) => log?.judgedKind(events[index]?.eventId ?? 0, kind) ?? kind);
    const part = { ...own, kinds };
    const judged = this.#judgeOf(source.format, graph, detection).judge(
      new SessionScores(detection.set, false),
      part,
      (index, columns) => log?.fill(events[index]?.eventId ?? 0, index, columns),
      (index) => events[index]?.templateIndex ?? 0,
    );
    const leastKept = keptScore(threshold);
    const surprises: EventSurprise[] = [];
    const scores: number[] = [];
    const drawn: EventSurprise[] = [];
    const all: EventSurprise[] = [];
    const tellsAll = this.#tellsAll && fresh.length > 0;
    let overCount = 0;
    events.forEach((event, index) => {
      if (index < from) return;
      const score = judged.scoreOf(index);
      if (fresh.length > 0) scores.push(score);
      const isDrawn = fresh.length > 0 && score < threshold.score && source.samples.draws(event.eventId, score);
      const isKept = score >= leastKept;
      if (!isDrawn && !isKept && !tellsAll) return;
      const position = part.firstEvent + index;
      // One that is judged again for its session's end was counted before.
      if (score >= threshold.score && !(fresh.length === 0 && session.wasOver(position, threshold.score))) overCount++;
      const surprise = {
        ...{ position, isEnd: judged.isEnd(index), bits: judged.bitsOf(index), score, ...event },
        tokenId: part.ids[part.first + index] ?? keyTokens.unseen,
        votes: judged.votesOf(index),
        perplexity: judged.perplexityOf(index),
        rule: judged.findingOf(index),
      };
      if (isKept) surprises.push(surprise);
      if (isDrawn) drawn.push(surprise);
      if (tellsAll) all.push(surprise);
    });
    return { surprises, scores, drawn, overCount, judged: all };
  }

  /** Before `judge`, which groups are by. */
  async readPrograms(steps: readonly Pick<LiveStep, 'fresh'>[]): Promise<void> {
    const unknown = new Set<number>();
    for (const { fresh } of steps)
      for (const { templateIndex } of fresh) if (!this.#programs.has(templateIndex)) unknown.add(templateIndex);
    if (unknown.size === 0) return;
    for (const { index, prefixHash } of await this.#store.call('get_templates', { indexes: [...unknown] }))
      this.#programs.set(index, prefixHash);
  }

  /** The keyed hash of the program that writes a kind of line; 0 where it was not read. */
  programOf(templateIndex: number): number {
    return this.#programs.get(templateIndex) ?? 0;
  }

  /** It has seen what a batch had seen by then, as far as its detectors look back. */
  async openLog(
    source: { id: number; firstEventId: number; scoredEventId: number },
    detection: Detection,
  ): Promise<LiveLog> {
    const log = new LiveLog(detection);
    const afterEventId = Math.max(source.firstEventId - 1, source.scoredEventId - streamHistoryEvents);
    const { signal } = new AbortController();
    for await (const page of readStreamPages(this.#store, source.id, signal, { afterEventId })) {
      const behind = page.eventIds.findIndex((id) => id > source.scoredEventId);
      if (behind !== 0) await log.score(behind < 0 ? page : cutPage(page, 0, behind), signal);
      if (behind >= 0) break;
    }
    return log;
  }

  #judgeOf(format: SourceFormat, graph: ScoreGraph, { set, judges }: Detection): PartJudge {
    const name = `${graph} ${format}`;
    let judge = this.#judges.get(name);
    if (!judge) {
      const groupOf = (index: number) => groupKeyOf(format, this.programOf(index));
      this.#judges.set(name, (judge = new PartJudge(set, judges[graph], groupOf)));
    }
    return judge;
  }
}
