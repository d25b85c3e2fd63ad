/**
 * @file The service that follows: what is followed, kept in the store so that the next start goes on with it; the loop that reads on and scores
 * what came; and how far behind it is. It asks for more lines only when those before are scored: an engine that is behind makes reading wait.
 */
import type { LiveState, Watch } from '../../../shared/sources.ts';
import type { Status } from '../../../shared/workspace.ts';
import { forStderr, toErrorData } from '../../../shared/errors.ts';
import type { Client } from '../../../shared/port.ts';
import type { WatchRecord, WatchState } from '../../store/protocol/follows.ts';
import type { EventBus } from '../eventBus.ts';
import { indexInBackground } from '../importFile.ts';
import type { ImportMethods } from '../importProtocol.ts';
import type { Scoring } from '../scoring.ts';
import type { Services } from '../services.ts';
import type { Thresholds } from '../thresholds.ts';
import { FollowReports } from './followReports.ts';
import { LiveJudging } from './liveJudging.ts';
import type { LiveScores } from './liveRaiser.ts';
import type { ReadOnOutput } from './watchProtocol.ts';

const tellMs = 1000;
const retryMs = 1000;
/** No answer for so long: the thread does something else. */
const lateMs = 2000;

const batchOnly =
  'New lines are read and not judged: the preset Tutorial judges whole logs. Score the log, or choose another preset to judge lines as they come.';

export class Watches {
  /** Hears what came of every round, before it is told of. */
  onScored: (scores: LiveScores) => void = () => undefined;
  /** Hears that standard input ended and all of it is scored. */
  onOver: () => void = () => undefined;
  readonly #services: Services;
  readonly #bus: EventBus;
  readonly #tellStatus: () => Promise<void>;
  readonly #isImporting: () => boolean;
  readonly #judging: LiveJudging;
  #watches: WatchRecord[] = [];
  readonly #reports = new FollowReports();
  readonly #watchOfSource = new Map<number, { watchId: number; path: string }>();
  #running: Promise<void> | null = null;
  #isClosed = false;
  #isStale = true;
  #importer: Client<ImportMethods> | undefined;
  #answeredAt = 0;
  #trouble: string | null = null;
  #tellAt = 0;
  #tellTimer: NodeJS.Timeout | undefined;
  #isIndexing = false;

  constructor(parts: {
    services: Services;
    bus: EventBus;
    scoring: Scoring;
    thresholds: Thresholds;
    tellStatus: () => Promise<void>;
    isImporting: () => boolean;
  }) {
    this.#services = parts.services;
    this.#bus = parts.bus;
    this.#tellStatus = parts.tellStatus;
    this.#isImporting = parts.isImporting;
    this.#judging = new LiveJudging(parts);
  }

  /** Reads what is kept; `goesOn`: what was being followed is followed on. */
  async open({ goesOn }: { goesOn: boolean }): Promise<void> {
    const { store } = this.#services;
    const watches = await store.call('list_watches', undefined);
    // Standard input was that of the process that was asked to follow it.
    for (const watch of watches) {
      if (watch.kind !== 'input' || watch.state === 'stopped') continue;
      watch.state = 'stopped';
      const stopped = { watchId: watch.id, state: watch.state, actor: await this.#services.actor() };
      await store.call('set_watch', stopped).catch((error: unknown) => {
        // A full disk does not keep the app from opening.
        console.error('That standard input is followed no more could not be kept:', forStderr(error));
      });
    }
    for (const { sourceId, watchId, path, isApi } of await store.call('list_follows', undefined))
      if (!isApi) this.#watchOfSource.set(sourceId, { watchId, path });
    // What another start follows is stopped here until it is asked for.
    this.#watches = goesOn ? watches : watches.map((watch) => ({ ...watch, state: 'stopped' }));
    this.#apply();
  }

  list(): Watch[] {
    return this.#watches.map(({ id, kind, path, pattern, state }) => ({ id, kind, path, pattern, state }));
  }

  async start(asked: Pick<WatchRecord, 'kind' | 'path' | 'pattern' | 'format'>): Promise<Watch> {
    const actor = await this.#services.actor();
    return this.#set(await this.#services.store.call('add_watch', { ...asked, actor }));
  }

  async set(watchId: number, state: WatchState): Promise<Watch> {
    const actor = await this.#services.actor();
    const watch = await this.#services.store.call('set_watch', { watchId, state, actor });
    const set = this.#set(watch);
    // Acknowledged when its files are let go.
    if (state !== 'following') await this.#follow();
    return set;
  }

  /** Of a source, how following it goes; null for one that was imported. */
  liveOf(sourceId: number): LiveState | null {
    const of = this.#watchOfSource.get(sourceId);
    const watch = of && this.#watches.find(({ id }) => id === of.watchId);
    if (!of || !watch) return null;
    const progress = this.#reports.of(of, this.#now());
    const idle = { watchId: watch.id, lagBytes: 0, lagMs: 0, linesPerSecond: 0, message: null };
    const leftOut = this.#judging.leftOut(sourceId);
    if (watch.state !== 'following') return { ...idle, state: watch.state };
    if (!progress) return { ...idle, state: 'waiting' };
    const message =
      progress.message ??
      this.#trouble ??
      this.#notJudged ??
      (leftOut > 0 ? `${leftOut} alerts were left out: the log is not like what was learned.` : null);
    return { watchId: watch.id, ...progress, message };
  }

  /** Of all that is followed; null where nothing is. */
  status(): Status['live'] {
    if (!this.#watches.some(({ state }) => state === 'following')) return null;
    const now = this.#now();
    const isLate = this.#isImporting() && now - this.#answeredAt > lateMs;
    const trouble = this.#trouble ?? this.#notJudged ?? (isLate ? 'Following waits while a log is imported.' : null);
    return { ...this.#reports.all(now), trouble };
  }

  /** What the threshold does not follow, in a sentence. */
  get notFollowed(): string | null {
    return this.#judging.notFollowed;
  }

  /** What fails now and is tried again: reading a file, or all of it. */
  failures(): string[] {
    return [...(this.#trouble === null ? [] : [this.#trouble]), ...this.#reports.failures()];
  }

  /** What was read stays; what was not written is read again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#tellTimer);
    await this.#running;
  }

  get #notJudged(): string | null {
    return this.#judging.isBatchOnly ? batchOnly : null;
  }

  #now(): number {
    return performance.now();
  }

  #set(watch: WatchRecord): Watch {
    this.#watches = [...this.#watches.filter(({ id }) => id !== watch.id), watch].sort((a, b) => a.id - b.id);
    this.#reports.forget(watch.id);
    this.#apply();
    this.#tell();
    const { id, kind, path, pattern, state } = watch;
    return { id, kind, path, pattern, state };
  }

  #apply(): void {
    this.#isStale = true;
    if (!this.#watches.some(({ state }) => state === 'following') || this.#isClosed) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      // Asked for while the loop ended.
      if (!this.#isClosed && this.#watches.some(({ state }) => state === 'following')) this.#apply();
    });
  }

  async #follow(): Promise<void> {
    const { host } = this.#services;
    this.#isStale = false;
    const watches = this.#watches.filter(({ state }) => state === 'following');
    try {
      const input = { watches, zone: host.timeZone, now: host.now(), actor: await this.#services.actor() };
      await (await this.#services.importer()).call('follow', input);
    } catch (error) {
      this.#isStale = true;
      throw error;
    }
  }

  async #run(): Promise<void> {
    let reading: Promise<ReadOnOutput> | null = null;
    // What the last end of the app left unscored comes before anything new.
    let unscored: Set<number> | null = null;
    while (!this.#isClosed && this.#watches.some(({ state }) => state === 'following')) {
      try {
        const importer = await this.#services.importer();
        if (importer !== this.#importer) {
          // What the one before was asked is never answered.
          [this.#importer, this.#isStale, reading] = [importer, true, null];
        }
        if (this.#isStale) await this.#follow();
        unscored ??= await this.#allSources();
        if (unscored.size > 0) await this.#score(unscored);
        const asked: Promise<ReadOnOutput> = reading ?? readOn(importer);
        // One that failed is not awaited again.
        reading = null;
        const output = await asked;
        reading = readOn(importer);
        this.#accept(output);
        for (const { sourceId } of output.appended) unscored.add(sourceId);
        if (unscored.size > 0) {
          await this.#score(unscored);
          this.#index();
        }
        if (output.appended.length > 0 || output.changed.length > 0) this.#tell();
        if (output.changed.some(({ isOver }) => isOver)) this.onOver();
      } catch (error) {
        if (this.#isClosed) return;
        // Lines may have been written that nobody was told of.
        unscored = null;
        await this.#fail(error);
      }
    }
    await reading?.catch(() => undefined);
  }

  async #allSources(): Promise<Set<number>> {
    const states = await this.#services.store.call('list_follows', undefined);
    return new Set(states.flatMap(({ sourceId, isApi }) => (isApi ? [] : [sourceId])));
  }

  #accept({ changed, trouble }: ReadOnOutput): void {
    const now = this.#now();
    this.#answeredAt = now;
    this.#trouble = trouble;
    for (const report of changed) {
      if (!this.#watches.some(({ id, state }) => id === report.watchId && state === 'following')) continue;
      this.#reports.accept(report, now);
      if (report.sourceId !== null)
        this.#watchOfSource.set(report.sourceId, { watchId: report.watchId, path: report.path });
    }
  }

  /** Takes sources out of `sourceIds` only when all of them are scored: what fails is scored again. */
  async #score(sourceIds: Set<number>): Promise<void> {
    let hasAlerts = false;
    for await (const scores of this.#judging.score([...sourceIds])) {
      this.onScored(scores);
      hasAlerts ||= scores.alerts.length > 0;
    }
    sourceIds.clear();
    if (hasAlerts) await this.#judging.tellAlerts(this.#bus);
  }

  async #fail(error: unknown): Promise<void> {
    const { code, message } = toErrorData(error);
    if (code === 'INTERNAL') console.error('Following:', forStderr(error));
    this.#trouble = message;
    this.#tell();
    await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
  }

  #index(): void {
    if (this.#isIndexing) return;
    this.#isIndexing = true;
    const done = (): void => void (this.#isIndexing = false);
    setTimeout(() => {
      if (this.#isClosed) return;
      indexInBackground(this.#services, done);
    }, 2 * tellMs).unref();
  }

  /** At most once a second, and once more at the end. */
  #tell(): void {
    if (this.#tellTimer !== undefined || this.#isClosed) return;
    const wait = Math.max(0, this.#tellAt + tellMs - this.#now());
    this.#tellTimer = setTimeout(() => {
      this.#tellTimer = undefined;
      this.#tellAt = this.#now();
      void this.#tellNow().catch((error: unknown) => {
        if (!this.#isClosed) console.error('What is followed could not be told:', forStderr(error));
      });
    }, wait);
    this.#tellTimer.unref();
  }

  async #tellNow(): Promise<void> {
    const { sources } = await this.#services.store.call('totals', undefined);
    if (this.#isClosed) return;
    this.#bus.publish('sources.changed', { count: sources });
    await this.#tellStatus();
  }
}

/** One ahead of what is scored; a failure is heard where it is awaited. */
function readOn(importer: Client<ImportMethods>): Promise<ReadOnOutput> {
  const reading = importer.call('read_on', undefined);
  reading.catch(() => undefined);
  return reading;
}
