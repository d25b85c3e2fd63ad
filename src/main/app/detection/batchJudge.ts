/** @file All detectors over a whole source: those of the log's order and of lines as its pages are read, those of sessions as the parts come. */
import type { ScoreGraph } from '../../../shared/engineProtocol.ts';
import type { SourceFormat } from '../../../shared/lines.ts';
import type { Client } from '../../../shared/port.ts';
import { readKeyPages, readStreamPages, templateOfKind } from '../../learn/keyTable.ts';
import type { NumberedPage, SessionPart } from '../../learn/sessionParts.ts';
import type { StoreMethods, TemplateRecord } from '../../store/protocol.ts';
import type { Detection } from './detection.ts';
import { groupKeyOf } from '../../detect/groups.ts';
import { LogScores } from './logScores.ts';
import { PartJudge, type JudgedPart } from './partJudge.ts';
import { SessionScores } from './sessionScores.ts';

export class BatchJudge {
  readonly #detection: Detection;
  readonly #logScores: LogScores;
  readonly #judges: Record<ScoreGraph, PartJudge>;
  /** Of sessions that come in more than one part. */
  readonly #sessions = new Map<number, SessionScores>();

  constructor(detection: Detection, format: SourceFormat, templates: ReadonlyMap<number, TemplateRecord>) {
    this.#detection = detection;
    this.#logScores = new LogScores(detection);
    const { set, judges } = detection;
    const groupOf = (index: number) => groupKeyOf(format, templates.get(index)?.prefixHash ?? 0);
    this.#judges = { f32: new PartJudge(set, judges.f32, groupOf), int8: new PartJudge(set, judges.int8, groupOf) };
  }

  /** The source's events for `sessionParts`, judged by the detectors of the log's order and of lines on the way. */
  async *pages(store: Client<StoreMethods>, sourceId: number, signal: AbortSignal): AsyncGenerator<NumberedPage> {
    const { set } = this.#detection;
    if (set.stream.length + set.lines.length === 0) return yield* readKeyPages(store, sourceId, signal);
    for await (const page of readStreamPages(store, sourceId, signal))
      yield { ...page, logRows: await this.#logScores.score(page, signal) };
  }

  /** The parts of a session come in order. `bits` of all its tokens. */
  judge(part: SessionPart, graph: ScoreGraph, bits: Float32Array): JudgedPart {
    const { session, events, ids, firstScored, firstEvent, hasEnd, isLast } = part;
    const scores = this.#sessions.get(session.id) ?? new SessionScores(this.#detection.set, false);
    if (isLast) this.#sessions.delete(session.id);
    else this.#sessions.set(session.id, scores);
    const view = {
      ...{ ids, bits, first: firstScored, count: events.eventIds.length, firstEvent, kinds: events.kinds, hasEnd },
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
