/**
 * @file Scores events of growing sources as they come: each in its session so far, all sources in one request of the engine, with the thresholds,
 * p-values and findings of a batch. What it keeps in memory can be had from the store again.
 */
import { AppError } from '../../../shared/errors.ts';
import { keyTokens, packSequences } from '../../../shared/sequences.ts';
import { scoresWithin } from '../../detect/detector.ts';
import { SampleRate } from '../../detect/sampling.ts';
import { withValues } from '../../learn/keyTable.ts';
import type { FollowState } from '../../store/protocol/follows.ts';
import type { KeyPage } from '../../store/protocol/events.ts';
import type { TemplateRecord } from '../../store/protocol/sources.ts';
import { DriftWatch } from '../detection/drift.ts';
import type { Detection } from '../detection/detection.ts';
import { contextLengthOf, kindOf, surpriseBy } from '../keyModel.ts';
import { samplingSeed, type ScoreContext } from '../newAlert.ts';
import type { Services } from '../services.ts';
import { LiveJudge } from './liveJudge.ts';
import { LiveRaiser, ofFresh, type LiveScores, type Round, type Scored, type Source, type Step } from './liveRaiser.ts';
import { eventsOf, LiveSession, type LiveEvent } from './liveSession.ts';

/** Events of one source in one round. */
const roundEvents = 8192;
const mostEnds = 5000;
/** Of a session that is not in memory, so many of its events are looked at again: enough for the window and the finding that is open. */
const historyEvents = 512;
/** In memory, of all sources. */
const mostSessions = 20_000;
/** What is known of the last events of a source takes megabytes: of one that nothing comes to for so long it is let go. */
const restMs = 600_000;

/** `tellsAll`: what was found of every event is told, and not only what surprised. */
export type LiveScorerOptions = { tellsAll?: boolean };

export class LiveScorer {
  readonly #services: Services;
  readonly #sources = new Map<number, Source>();
  #detection: Detection | null = null;
  readonly #judge: LiveJudge;
  readonly #raiser: LiveRaiser;

  constructor(services: Services, { tellsAll = false }: LiveScorerOptions = {}) {
    this.#services = services;
    this.#judge = new LiveJudge(services.store, tellsAll);
    this.#raiser = new LiveRaiser(services, this.#judge);
  }

  /** Alerts beyond the most that a run keeps, which were not kept. */
  leftOut(sourceId: number): number {
    return this.#sources.get(sourceId)?.run?.leftOut ?? 0;
  }

  /** A log that is followed changed all at once, and it is not known whether for good. */
  get hasDrifted(): boolean {
    return [...this.#sources.values()].some(({ drift }) => drift.found !== null);
  }

  /** A source is followed no more, or another starts it: what is known of it is read again. */
  forget(sourceId: number): void {
    this.#sources.delete(sourceId);
  }

  /** Up to these events nothing is scored as it came. */
  async skip(sources: readonly { sourceId: number; lastEventId: number }[]): Promise<void> {
    const upTo = sources.map(({ sourceId, lastEventId }) => ({ sourceId, eventId: lastEventId }));
    await this.#services.store.call('mark_scored', { sources: upTo });
    for (const { sourceId } of sources) this.forget(sourceId);
  }

  /** Scores what these sources have beyond what was scored, a round at a time; nothing is lost or told twice when it throws. */
  async *score(sourceIds: readonly number[], context: () => Promise<ScoreContext | null>): AsyncGenerator<LiveScores> {
    const waiting = new Set(sourceIds);
    await this.#open(sourceIds);
    while (waiting.size > 0) {
      const ids = [...waiting];
      const [current, read] = await Promise.all([context(), Promise.all(ids.map((id) => this.#round(id)))]);
      if (!current) return;
      if (current.detection.set !== this.#detection?.set) {
        // Sessions hold findings of the model before, or of it with other detectors or by another preset.
        for (const source of this.#sources.values()) {
          source.sessions.clear();
          source.log = null;
          source.drift = new DriftWatch();
        }
        this.#judge.forgetModel();
      } else if (current.detection !== this.#detection) {
        this.#judge.forgetModel();
        for (const { format, sessions } of this.#sources.values())
          for (const session of sessions.values()) this.#judge.rejudge(format, session, current);
      }
      this.#detection = current.detection;
      const rounds: Round[] = [];
      read.forEach((round, index) => {
        if (!round || round.page.eventIds.length < roundEvents) waiting.delete(ids[index] ?? 0);
        if (round && (round.page.eventIds.length > 0 || round.ends.length > 0)) rounds.push(round);
      });
      if (rounds.length === 0) continue;
      let isDone = false;
      try {
        yield* this.#scoreRounds(rounds, current);
        isDone = true;
      } finally {
        // Also where who hears of it throws: they have seen events that will come to them again.
        if (!isDone) for (const { source } of rounds) source.log = null;
      }
    }
  }

  async #round(sourceId: number): Promise<Round | null> {
    const { store } = this.#services;
    const source = this.#sources.get(sourceId);
    if (!source) return null;
    // Both at once, ends first: what has ended by then has its events in the page, unless that is full.
    const input = { sourceId, afterEventId: source.scoredEventId, limit: roundEvents };
    const reading = Promise.all([store.call('read_keys', input), store.call('read_values', input)]);
    const [ends, page] = await Promise.all([
      store.call('read_ends', { sourceId, limit: mostEnds }),
      reading
        .then(([keys, values]) => withValues(keys, values))
        .catch((error: unknown) => this.#forgetRemoved(sourceId, error)),
    ]);
    if (!page) return null;
    return { source, page, ends: page.eventIds.length < roundEvents ? ends : [] };
  }

  /** A source that was removed is no reason to score the others later. */
  #forgetRemoved(sourceId: number, error: unknown): null {
    if (!(error instanceof AppError) || error.code !== 'NOT_FOUND') throw error;
    this.forget(sourceId);
    return null;
  }

  /** Of those that are not known yet, how far they were scored. */
  async #open(sourceIds: readonly number[]): Promise<void> {
    const unknown = new Set(sourceIds.filter((id) => !this.#sources.has(id)));
    if (unknown.size === 0) return;
    const states: FollowState[] = await this.#services.store.call('list_follows', undefined);
    const sources = await this.#services.store.call('list_sources', undefined);
    for (const { sourceId, scoredEventId, firstEventId, lastSessionId } of states) {
      if (!unknown.has(sourceId)) continue;
      this.#sources.set(sourceId, {
        id: sourceId,
        format: sources.find(({ id }) => id === sourceId)?.format ?? 'plain',
        firstEventId,
        log: null,
        usedAt: performance.now(),
        drift: new DriftWatch(),
        samples: new SampleRate(samplingSeed(this.#services)),
        driftEventId: 0,
        scoredEventId: scoredEventId ?? firstEventId - 1,
        sessions: new Map(),
        lastSessionId,
        run: null,
      });
    }
  }

  async *#scoreRounds(rounds: readonly Round[], context: ScoreContext): AsyncGenerator<LiveScores> {
    const fresh = rounds.map(({ source, page, ends }) => ({
      source,
      events: eventsBySession(page, ends),
      ends: new Set(ends),
    }));
    for (const round of rounds) await this.#scoreLog(round, context);
    for (const { source, events } of fresh) {
      source.samples.begin(this.#services.host.now());
      await this.#load(source, [...events.keys()], context);
      // Used last: where there are too many, sessions of other sources go first.
      this.#sources.delete(source.id);
      this.#sources.set(source.id, source);
      source.usedAt = performance.now();
    }
    this.#rest();
    const steps = fresh.flatMap(({ source, events, ends }) =>
      [...events].flatMap(([id, list]): Step[] => {
        const session = source.sessions.get(id);
        return session ? [stepOf(source, session, list, ends.has(id), context)] : [];
      }),
    );
    this.#letGo(new Set(steps.map(({ session }) => session)));
    const [scored, actor] = await Promise.all([this.#ask(steps, context), this.#services.actor()]);
    for (const round of rounds) {
      const own = scored.filter((step) => step.source === round.source);
      const scores = await this.#raiser
        .raise(round, own, context, actor)
        .catch((error: unknown) => this.#forgetRemoved(round.source.id, error));
      if (scores) yield scores;
    }
  }

  #rest(): void {
    const now = performance.now();
    for (const source of this.#sources.values()) {
      if (now - source.usedAt < restMs) return;
      source.log = null;
    }
  }

  /** Sessions beyond the most, of the source that was used longest ago first; not those that are `inUse`. */
  #letGo(inUse: ReadonlySet<LiveSession>): void {
    let spare = -mostSessions;
    for (const { sessions } of this.#sources.values()) spare += sessions.size;
    for (const { sessions } of this.#sources.values()) {
      for (const [id, session] of sessions) {
        if (spare <= 0) return;
        if (!inUse.has(session) && sessions.delete(id)) spare--;
      }
    }
  }

  /** Sessions that are not in memory: their last events are scored again, for the finding that is open. */
  async #load(source: Source, ids: readonly number[], context: ScoreContext): Promise<void> {
    const { store } = this.#services;
    const contextLength = contextLengthOf(context.model.card);
    const unknown: number[] = [];
    for (const id of ids) {
      const known = source.sessions.get(id);
      if (known) {
        source.sessions.delete(id);
        source.sessions.set(id, known);
      } else if (id <= source.lastSessionId) unknown.push(id);
      else source.sessions.set(id, new LiveSession(id, 0, contextLength));
    }
    if (unknown.length > 0) {
      const beforeEventId = source.scoredEventId + 1;
      const input = { sessionIds: unknown, beforeEventId, limit: historyEvents };
      const histories = await store.call('read_session_keys', input);
      const { versions } = context.detection;
      await versions?.read(histories.flatMap(({ keys }) => [...keys.templateIndexes]));
      const steps = histories.map(({ countBefore, keys }, index) => {
        const session = new LiveSession(unknown[index] ?? 0, countBefore, contextLength);
        return stepOf(source, session, eventsOf(keys), false, context);
      });
      for (const step of await this.#ask(steps, context)) {
        const { session, fresh, surprises } = step;
        const last = session.findings(surprises).at(-1)?.episode ?? null;
        session.accept(fresh, ofFresh(step), last);
        source.sessions.set(session.id, session);
      }
    }
  }

  async #ask(steps: readonly Step[], context: ScoreContext): Promise<Scored[]> {
    if (steps.length === 0) return [];
    const packed = packSequences(steps.map(({ sequence }) => sequence.ids));
    const [templates] = await Promise.all([this.#templatesOf(steps), this.#judge.readPrograms(steps)]);
    const kindAt = (index: number, position: number): ReturnType<typeof kindOf> => {
      const step = steps[index];
      const event = step?.session.eventAt(step.sequence.firstToken + position, step.fresh);
      return kindOf(templates.get(event?.templateIndex ?? -1), event?.severity ?? -1);
    };
    const { graph, ...all } = await surpriseBy(this.#services.engine(), context, packed, kindAt);
    return steps.map((step, index) => {
      const scored = scoresWithin(all, packed.offsets[index] ?? 0, packed.offsets[index + 1] ?? 0);
      return { ...step, ...scored, ...this.#judge.judge(step, scored, graph, context) };
    });
  }

  /** The new events by the detectors of the log's order and of lines, behind as many of those before as they look back to. */
  async #scoreLog({ source, page }: Round, { detection }: ScoreContext): Promise<void> {
    await detection.versions?.read(page.templateIndexes);
    if (detection.set.stream.length + detection.set.lines.length === 0) return;
    source.log ??= await this.#judge.openLog(source, detection);
    await source.log.score(page, new AbortController().signal);
  }

  /** Of kinds that the model does not know: what is known of them is in their templates. */
  async #templatesOf(steps: readonly Step[]): Promise<Map<number, TemplateRecord>> {
    const indexes = new Set<number>();
    for (const { sequence, session, fresh } of steps) {
      sequence.ids.forEach((id, at) => {
        if (id !== keyTokens.unseen || at === 0) return;
        const event = session.eventAt(sequence.firstToken + at, fresh);
        if (event) indexes.add(event.templateIndex);
      });
    }
    if (indexes.size === 0) return new Map();
    const records = await this.#services.store.call('get_templates', { indexes: [...indexes] });
    return new Map(records.map((record) => [record.index, record]));
  }
}

function stepOf(
  source: Source,
  session: LiveSession,
  fresh: LiveEvent[],
  hasEnd: boolean,
  { model }: ScoreContext,
): Step {
  const tokenOf = ({ templateIndex, severity }: LiveEvent): number => model.vocabulary.idOf(templateIndex, severity);
  return { source, session, fresh, hasEnd, sequence: session.sequence(fresh, hasEnd, tokenOf) };
}

/** Sessions without a new event that ended are among them. */
function eventsBySession(page: KeyPage, ends: readonly number[]): Map<number, LiveEvent[]> {
  const sessions = new Map<number, LiveEvent[]>();
  eventsOf(page).forEach((event, row) => {
    const id = page.sessionIds[row] ?? 0;
    const list = sessions.get(id);
    if (list) list.push(event);
    else sessions.set(id, [event]);
  });
  for (const id of ends) if (!sessions.has(id)) sessions.set(id, []);
  return sessions;
}
