/** @file Tells who listens to the API of alerts as they are raised, each once, with the line and those before it; in bounded memory. */
import { mostContext, type AlertMessage } from '../../api/schemas.ts';
import { AppError, forStderr } from '../../../shared/errors.ts';
import type { Services } from '../services.ts';
import type { LiveScores } from '../watch/liveRaiser.ts';
import { probabilityInWords } from '../words.ts';

const lineChars = 16_000;
const contextChars = 2000;
const mostWaiting = 1000;
const mostTold = 10_000;

/** Who listens, where the API runs. */
export type Listeners = {
  listenerCount: number;
  send: (message: AlertMessage) => void;
  dropAll: (reason: string) => void;
};

export class AlertTeller {
  readonly #services: Services;
  readonly #listeners: () => Listeners | null;
  readonly #told = new Set<string>();
  #waiting: string[] = [];
  #isTelling = false;

  constructor(services: Services, listeners: () => Listeners | null) {
    this.#services = services;
    this.#listeners = listeners;
  }

  heard({ alerts }: LiveScores): void {
    const listeners = this.#listeners();
    if (!listeners || listeners.listenerCount === 0) return;
    for (const { alertId, isShown, state } of alerts) {
      if (!isShown || state !== 'open' || this.#told.has(alertId)) continue;
      this.#told.add(alertId);
      const [oldest] = this.#told;
      if (this.#told.size > mostTold && oldest !== undefined) this.#told.delete(oldest);
      this.#waiting.push(alertId);
    }
    if (this.#waiting.length > mostWaiting) {
      this.#waiting = [];
      listeners.dropAll('More alerts came at once than can be told of. The queue has them all; connect again.');
    }
    if (!this.#isTelling) void this.#tell();
  }

  async #tell(): Promise<void> {
    this.#isTelling = true;
    for (let alertId = this.#waiting.shift(); alertId !== undefined; alertId = this.#waiting.shift()) {
      try {
        this.#listeners()?.send(await this.#messageOf(alertId));
      } catch (error) {
        // Gone before it was told of: a finding that grew together with another, or the app is closing.
        if (!(error instanceof AppError)) console.error('An alert could not be told of:', forStderr(error));
      }
    }
    this.#isTelling = false;
  }

  async #messageOf(alertId: string): Promise<AlertMessage> {
    const { store, host } = this.#services;
    const { row } = await store.call('get_alert', { alertId, now: host.now() });
    const { sourceId, lineNumber } = row;
    const [[event], before] = await Promise.all([
      store.call('get_events', { ids: [row.eventId], maxChars: lineChars }),
      store.call('read_lines', { sourceId, afterLine: lineNumber, limit: -mostContext, maxChars: contextChars }),
    ]);
    const p = probabilityInWords(10 ** -row.score);
    return {
      timestamp: new Date(row.at ?? row.raisedAt).toISOString(),
      log_line: textOf(event?.raw ?? '', lineChars),
      confidence: row.confidence ?? 0,
      perplexity: row.perplexity,
      reasoning: `${row.title}: ${p} normal lines ${p.includes('%') ? 'surprise' : 'surprises'} as much.`,
      context: before.map(({ raw }) => textOf(raw, contextChars)),
    };
  }
}

/** The store counts code points. */
function textOf(raw: string, most: number): string {
  return raw.slice(0, most).toWellFormed();
}
