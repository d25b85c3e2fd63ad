/** @file All detectors over a whole source: those of the log's order and of lines as its pages are read, those of sessions as the parts come. */
import type { ScoreGraph } from '../../../shared/engineProtocol.ts';
import type { Source } from '../../../shared/sources.ts';
import type { Client } from '../../../shared/port.ts';
import { readKeyPages, readStreamPages, templateOfKind } from '../../learn/keyTable.ts';
import type { NumberedPage, SessionPart } from '../../learn/sessionParts.ts';
import type { StoreMethods } from '../../store/protocol.ts';
import type { TemplateRecord } from '../../store/protocol/sources.ts';
import type { Detection } from './detection.ts';
import type { TokenScores } from '../../detect/detector.ts';
import { groupKeyOf } from '../../detect/groups.ts';
import { LogScores } from './logScores.ts';
import { PartJudge, type JudgedPart } from './partJudge.ts';
import { SessionScores } from './sessionScores.ts';

/** A window takes as long as thousands of other events: progress, and cancelling, come through between so many. */
const windowPageRows = 512;

export class BatchJudge {
  readonly #detection: Detection;
  readonly #logScores: LogScores;
  readonly #judges: Record<ScoreGraph, PartJudge>;
  /** Of sessions that come in more than one part. */
  readonly #sessions = new Map<number, SessionScores>();

  constructor(
    detection: Detection,
    { format, eventCount }: Pick<Source, 'format' | 'eventCount'>,
    templates: ReadonlyMap<number, TemplateRecord>,
  ) {
    this.#detection = detection;
    this.#logScores = new LogScores(detection, eventCount);
    const { set, judges } = detection;
    const groupOf = (index: number) => groupKeyOf(format, templates.get(index)?.prefixHash ?? 0);
    this.#judges = { f32: new PartJudge(set, judges.f32, groupOf), int8: new PartJudge(set, judges.int8, groupOf) };
  }

  /** The source's events for `sessionParts`, judged by the detectors of the log's order and of lines on the way. */
  async *pages(store: Client<StoreMethods>, sourceId: number, signal: AbortSignal): AsyncGenerator<NumberedPage> {
    const { set, versions } = this.#detection;
    if (set.stream.length + set.lines.length === 0) {
      for await (const page of readKeyPages(store, sourceId, signal)) {
        await versions?.read(page.templateIndexes, signal);
        yield page;
      }
      return;
    }
    const options = this.#detection.isOfLog ? { limit: windowPageRows } : {};
    for await (const page of readStreamPages(store, sourceId, signal, options))
      yield { ...page, logRows: await this.#logScores.score(page, signal) };
  }

  /** The parts of a session come in order. `tokens` of all that it has. */
  judge(part: SessionPart, graph: ScoreGraph, tokens: TokenScores): JudgedPart {
    const { session, events, ids, firstScored, firstEvent, hasEnd, isLast } = part;
    const scores = this.#sessions.get(session.id) ?? new SessionScores(this.#detection.set, false);
    if (isLast) this.#sessions.delete(session.id);
    else this.#sessions.set(session.id, scores);
    const kinds = events.kinds.map((kind, index) => {
      const row = events.logRows[index];
      return row === undefined ? kind : this.#logScores.judgedKind(row, kind);
    });
    const view = {
      ...{
        ids,
        ...tokens,
        first: firstScored,
        count: events.eventIds.length,
        firstEvent,
        kinds,
        hasEnd,
      },
      // A session that may go on is not judged as a whole: neither is it when it is followed.
      isLast: hasEnd,
    };
    return this.#judges[graph].judge(
      scores,
      view,
      (index, columns) => {
        const row = events.logRows[index] ?? 0;
        this.#logScores.read(row, index, columns);
        this.#logScores.giveBack(row);
      },
      (index) => templateOfKind(events.kinds[index] ?? 0),
    );
  }
}
