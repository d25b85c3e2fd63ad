/**
 * @file Lines of concurrent requests, stored and judged together: those that wait make one transaction and one request of the engine. A request
 * whose client is gone before its turn is not stored.
 */
import type { AnalyzeLine, Judgement } from '../../api/schemas.ts';
import { AppError, forStderr } from '../../../shared/errors.ts';
import type { Client } from '../../../shared/port.ts';
import type { EventBus } from '../eventBus.ts';
import type { ImportMethods } from '../importProtocol.ts';
import type { EventSurprise } from '../newAlert.ts';
import { RecentRate } from '../recentRate.ts';
import type { Services } from '../services.ts';
import type { LiveJudging } from '../watch/liveJudging.ts';
import type { LiveAlert } from '../watch/liveRaiser.ts';
import { mostApiSources, type PushedLine } from '../watch/watchProtocol.ts';
import { judgementOf } from './judgements.ts';

const mostWaitingLines = 20_000;
const mostBatchLines = 1000;
const mostBatchChars = 4_000_000;
/** A long import has the thread: who asks is told, instead of waiting with it. */
const patienceMs = 5000;
const sweepMs = 5000;
/** Whether there is a model is looked at so often before lines are stored; what judges is read anew with each. */
const contextMs = 1000;
const timedLines = 1000;

type Waiting = {
  lines: readonly AnalyzeLine[];
  since: number;
  signal: AbortSignal;
  resolve: (judgements: Judgement[]) => void;
  reject: (error: unknown) => void;
};

type Pushing = { lines: PushedLine[]; eventIds: number[]; sourceIds: number[] };

export class ApiLines {
  readonly #services: Services;
  readonly #bus: EventBus;
  readonly #judging: LiveJudging;
  readonly #tellStatus: () => void;
  #waiting: Waiting[] = [];
  #waitingLines = 0;
  #running: Promise<void> | null = null;
  #contextAt = -Infinity;
  #watchId: number | null = null;
  #names: Set<string> | null = null;
  /** Stored, and not scored yet. */
  readonly #unscored = new Set<number>();
  #sweep: NodeJS.Timeout | undefined;
  #isClosed = false;
  #processed = 0;
  #anomalies = 0;
  /** Milliseconds of the last lines, as a ring. */
  readonly #times = new Float64Array(timedLines);
  #rate = new RecentRate(performance.now());

  constructor(parts: { services: Services; bus: EventBus; judging: LiveJudging; tellStatus: () => void }) {
    this.#services = parts.services;
    this.#bus = parts.bus;
    this.#judging = parts.judging;
    this.#tellStatus = parts.tellStatus;
  }

  /** What an earlier end of the app left unscored is scored now. */
  open(): void {
    this.#isClosed = false;
    this.#processed = this.#anomalies = 0;
    this.#rate = new RecentRate(performance.now());
    this.#sweep = setInterval(() => {
      // Sessions that nothing is sent of any more have ended.
      if (this.#names && !this.#running) this.#start(() => this.#batch([]));
    }, sweepMs).unref();
    this.#start(async () => {
      await this.#readNames();
      await this.#score();
    });
  }

  /** Answers those whose turn has come; the others are refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#sweep);
    for (const { reject } of this.#waiting.splice(0)) reject(stopped());
    this.#waitingLines = 0;
    await this.#running;
  }

  get figures() {
    const count = Math.min(this.#processed, timedLines);
    const sum = this.#times.subarray(0, count).reduce((total, ms) => total + ms, 0);
    return {
      total_processed: this.#processed,
      anomalies_detected: this.#anomalies,
      avg_processing_time_ms: count === 0 ? 0 : sum / count,
      detection_rate: this.#processed === 0 ? 0 : this.#anomalies / this.#processed,
      logs_per_second: this.#rate.perSecond(performance.now()),
    };
  }

  /** Of each line, in order. Throws CONFLICT without a model, and CANCELLED where the thread has other work for long. */
  analyze(lines: readonly AnalyzeLine[], signal: AbortSignal): Promise<Judgement[]> {
    if (this.#isClosed) return Promise.reject(stopped());
    if (this.#waitingLines + lines.length > mostWaitingLines)
      return Promise.reject(
        new AppError('CANCELLED', 'More lines wait than can be kept. Send them again, more slowly.'),
      );
    return new Promise((resolve, reject) => {
      this.#waiting.push({ lines, since: performance.now(), signal, resolve, reject });
      this.#waitingLines += lines.length;
      if (!this.#running) this.#start(() => Promise.resolve());
    });
  }

  /** Does this first, and then what waits. */
  #start(first: () => Promise<void>): void {
    this.#running = (this.#running ?? Promise.resolve())
      .then(first)
      .catch((error: unknown) => {
        // It is done again with the next lines; those who wait are told of what comes of theirs.
        if (!(error instanceof AppError)) console.error('The API:', forStderr(error));
      })
      .then(() => this.#work())
      .finally(() => {
        this.#running = null;
        // Asked for while it ended.
        if (this.#waiting.length > 0) this.#start(() => Promise.resolve());
      });
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      await this.#batch(batch).catch((error: unknown) => batch.forEach(({ reject }) => reject(error)));
    }
  }

  #take(): Waiting[] {
    const batch: Waiting[] = [];
    let [lines, chars] = [0, 0];
    while (this.#waiting[0] && lines < mostBatchLines && chars < mostBatchChars) {
      const next = this.#waiting[0];
      if (batch.length > 0 && lines + next.lines.length > mostBatchLines) break;
      this.#waiting.shift();
      this.#waitingLines -= next.lines.length;
      if (next.signal.aborted) {
        next.reject(new AppError('CANCELLED', 'Nobody waits for the answer.'));
        continue;
      }
      batch.push(next);
      lines += next.lines.length;
      for (const line of next.lines) chars += line.log_line.length;
    }
    return batch;
  }

  async #batch(asked: readonly Waiting[]): Promise<void> {
    const now = performance.now();
    const isKnown = this.#judging.context !== null && now - this.#contextAt < contextMs;
    if (!isKnown) this.#contextAt = now;
    if (!isKnown && !(await this.#judging.readContext())) {
      throw new AppError(
        'CONFLICT',
        this.#judging.isBatchOnly
          ? 'The preset Tutorial judges whole logs, and no lines as they come. Choose another preset; nothing was stored.'
          : 'No model is in use yet. Learn what is normal from a log first; nothing was stored.',
      );
    }
    const batch = await this.#withinSources(asked);
    if (batch.length === 0 && asked.length > 0) return;
    const lines = batch.flatMap((one) => one.lines.map(toPushed));
    const pushed = await this.#push(lines);
    for (const id of pushed.sourceIds) this.#unscored.add(id);
    const { surprises, alerts } = await this.#score();
    const { context } = this.#judging;
    if (!context) throw new AppError('CONFLICT', 'The model was taken away. The lines are stored and not judged.');
    const answeredAt = performance.now();
    let index = 0;
    for (const { lines: own, since, resolve } of batch) {
      const judgements = own.map((line) => {
        const eventId = pushed.eventIds[index++] ?? 0;
        this.#times[this.#processed++ % timedLines] = answeredAt - since;
        const found = { surprise: surprises.get(eventId), alert: alerts.get(eventId) };
        return judgementOf(line, found, context);
      });
      this.#anomalies += judgements.filter(({ is_anomaly }) => is_anomaly).length;
      resolve(judgements);
    }
    this.#rate.add(index, answeredAt);
    if (index > 0) this.#tellStatus();
  }

  /** A request that would make a source too many is refused, and no other with it. */
  async #withinSources(batch: readonly Waiting[]): Promise<Waiting[]> {
    const names = this.#names ?? (await this.#readNames());
    const kept: Waiting[] = [];
    const begun = new Set<string>();
    for (const one of batch) {
      const fresh = new Set(one.lines.map(({ source }) => source).filter((name) => !names.has(name)));
      if (names.size + fresh.size > mostApiSources) {
        // Logs may have been removed since; those that requests before this one begin are not there yet.
        await this.#readNames(names);
        for (const name of begun) names.add(name);
      }
      if (names.size + fresh.size > mostApiSources) {
        one.reject(
          new AppError(
            'CONFLICT',
            `There are at most ${mostApiSources} sources, and each has a log of its own. Send lines under one of their names, or remove a log.`,
          ),
        );
        continue;
      }
      for (const name of fresh) {
        names.add(name);
        begun.add(name);
      }
      kept.push(one);
    }
    return kept;
  }

  async #readNames(into: Set<string> = new Set()): Promise<Set<string>> {
    const follows = await this.#services.store.call('list_follows', undefined);
    const own = follows.filter(({ isApi }) => isApi);
    for (const { sourceId, scoredEventId, lastEventId } of own)
      if ((scoredEventId ?? 0) < lastEventId) this.#unscored.add(sourceId);
    into.clear();
    for (const { path } of own) into.add(path);
    return (this.#names = into);
  }

  async #push(lines: PushedLine[]): Promise<Pushing> {
    const { host, store } = this.#services;
    const actor = await this.#services.actor();
    this.#watchId ??= (await store.call('open_api', { actor })).watchId;
    const input = { watchId: this.#watchId, lines, zone: host.timeZone, now: host.now(), actor };
    const importer: Client<ImportMethods> = await this.#services.importer();
    const ask = (): Promise<Omit<Pushing, 'lines'>> =>
      importer.call('push', input, { signal: AbortSignal.timeout(patienceMs) });
    const output = await ask().catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      // A log that was removed meanwhile is begun anew.
      if (error.code === 'NOT_FOUND') return ask();
      if (error.code !== 'CANCELLED') throw error;
      throw new AppError('CANCELLED', 'A log is being imported, and lines wait for it. Send them again in a while.');
    });
    return { lines, ...output };
  }

  async #score(): Promise<{ surprises: Map<number, EventSurprise>; alerts: Map<number, LiveAlert> }> {
    const surprises = new Map<number, EventSurprise>();
    const alerts = new Map<number, LiveAlert>();
    if (this.#unscored.size === 0) return { surprises, alerts };
    for await (const scores of this.#judging.score([...this.#unscored])) {
      for (const surprise of scores.judged) surprises.set(surprise.eventId, surprise);
      for (const alert of scores.alerts) for (const eventId of alert.eventIds) alerts.set(eventId, alert);
    }
    this.#unscored.clear();
    if (alerts.size > 0) await this.#judging.tellAlerts(this.#bus);
    return { surprises, alerts };
  }
}

function toPushed({ timestamp, log_line, source }: AnalyzeLine): PushedLine {
  // SQLite would replace lone surrogates, and the line would no longer be found by its text.
  return { source: source.toWellFormed(), raw: log_line.toWellFormed(), at: Date.parse(timestamp) };
}

function stopped(): AppError {
  return new AppError('CANCELLED', 'The API is being stopped.');
}
