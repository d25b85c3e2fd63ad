/**
 * @file Tells who listens to the API of alerts as they are raised, whatever raised them, each with the line and those before it. What waits is the queue itself,
 * a page of which is in memory: a run that raises ten thousand costs who listens time, and nobody memory.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { mostContext, type AlertMessage } from '../../api/schemas.ts';
import { AppError, forStderr } from '../../../shared/errors.ts';
import type { AlertRecord } from '../../store/protocol/alerts.ts';
import type { Services } from '../services.ts';
import { currentThreshold } from '../thresholdInForce.ts';
import { probabilityInWords } from '../words.ts';

const lineChars = 16_000;
const contextChars = 2000;
const pageAlerts = 32;
const retryMs = 1000;

/** Who listens, where the API runs. `room`: they have read enough for more, or had time enough to. */
export type Listeners = {
  listenerCount: number;
  send: (message: AlertMessage) => void;
  room: () => Promise<void>;
};

export class AlertTeller {
  readonly #services: Services;
  readonly #listeners: () => Listeners | null;
  /** Number of the last alert that was told, or that nobody listened to; null where it is not known yet. */
  #place: number | null = null;
  #isDue = false;
  #telling: Promise<void> | null = null;

  constructor(services: Services, listeners: () => Listeners | null) {
    this.#services = services;
    this.#listeners = listeners;
  }

  /** There may be alerts that were not told. */
  look(): void {
    this.#isDue = true;
    this.#telling ??= this.#tell().finally(() => (this.#telling = null));
  }

  /** When what was begun is told. */
  async settled(): Promise<void> {
    await this.#telling;
  }

  async #tell(): Promise<void> {
    while (this.#isDue) {
      this.#isDue = false;
      const listeners = this.#listeners();
      if (!listeners) {
        this.#place = null;
        return;
      }
      try {
        this.#isDue = await this.#tellPage(listeners);
      } catch (error) {
        if (!(error instanceof AppError)) console.error('Alerts could not be told of:', forStderr(error));
        // The app is closing, or the store is not well: it is told of what waits with the next alert, or soon.
        await sleep(retryMs, undefined, { ref: false });
        this.#isDue = listeners === this.#listeners() && (error as Partial<AppError>).code !== 'PROCESS_GONE';
      }
    }
  }

  /** Whether there may be more. */
  async #tellPage(listeners: Listeners): Promise<boolean> {
    const { store } = this.#services;
    const isHeard = this.#place !== null && listeners.listenerCount > 0;
    const { score: minScore = 0 } = (await currentThreshold(this.#services)) ?? {};
    const { alerts, lastNumber } = await store.call('outgoing_alerts', {
      ...{ afterNumber: this.#place ?? 0, minScore, minSeverity: 1 },
      // With none only how far the queue goes is told.
      limit: isHeard ? pageAlerts : 0,
    });
    const messages = await this.#messagesOf(alerts);
    this.#place = lastNumber;
    for (const message of messages) {
      await listeners.room();
      listeners.send(message);
    }
    return this.#isDue || alerts.length === pageAlerts;
  }

  async #messagesOf(alerts: readonly AlertRecord[]): Promise<AlertMessage[]> {
    if (alerts.length === 0) return [];
    const { store } = this.#services;
    const ids = [...new Set(alerts.map(({ eventId }) => eventId))];
    const events = await store.call('get_events', { ids, maxChars: lineChars });
    const rawOf = new Map(events.map(({ id, raw }) => [id, raw]));
    const contextOf = async ({ sourceId, lineNumber }: AlertRecord): Promise<string[]> => {
      const input = { sourceId, afterLine: lineNumber, limit: -mostContext, maxChars: contextChars };
      const before = await store.call('read_lines', input).catch((error: unknown) => {
        // Its log was removed meanwhile.
        if (error instanceof AppError && error.code === 'NOT_FOUND') return [];
        throw error;
      });
      return before.map(({ raw }) => textOf(raw, contextChars));
    };
    const contexts = await Promise.all(alerts.map(contextOf));
    return alerts.map((alert, index) => {
      const p = probabilityInWords(10 ** -alert.score);
      return {
        timestamp: new Date(alert.at ?? alert.raisedAt).toISOString(),
        log_line: textOf(rawOf.get(alert.eventId) ?? '', lineChars),
        confidence: alert.confidence ?? 0,
        perplexity: alert.perplexity,
        reasoning: `${alert.title}: ${p} normal lines ${p.includes('%') ? 'surprise' : 'surprises'} as much.`,
        context: contexts[index] ?? [],
      };
    });
  }
}

/** The store counts code points. */
function textOf(raw: string, most: number): string {
  return raw.slice(0, most).toWellFormed();
}
