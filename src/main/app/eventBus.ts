/** @file Tells subscribers what changed: at most ten times a second per topic and subject, the newest state last and never lost. */
import type { AppEvent, AppEventName, AppEvents } from '../../shared/events.ts';

const intervalMs = 100;

export class EventBus {
  readonly #listeners = new Set<(event: AppEvent) => void>();
  readonly #waiting = new Map<
    string,
    { event: AppEvent; timer: NodeJS.Timeout } | { event: null; timer: NodeJS.Timeout }
  >();

  subscribe(listener: (event: AppEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Events of one topic and `subject` replace each other while they wait. */
  publish<K extends AppEventName>(topic: K, data: AppEvents[K], subject = ''): void {
    const event = { topic, data } as AppEvent;
    const key = `${topic} ${subject}`;
    const waiting = this.#waiting.get(key);
    if (waiting) {
      waiting.event = event;
      return;
    }
    this.#send(event);
    this.#hold(key);
  }

  close(): void {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#listeners.clear();
  }

  #hold(key: string): void {
    const timer = setTimeout(() => {
      const waiting = this.#waiting.get(key);
      this.#waiting.delete(key);
      if (waiting?.event) {
        this.#send(waiting.event);
        this.#hold(key);
      }
    }, intervalMs);
    timer.unref();
    this.#waiting.set(key, { event: null, timer });
  }

  #send(event: AppEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
