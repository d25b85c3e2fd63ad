/** @file Observables of the alerts of a case, each once, with where else it stands. */
import type { Client } from '../../shared/port.ts';
import type { FoundObservable, Observable, ObservableKind } from '../../shared/observables.ts';
import { observableKey, observableKinds } from '../../shared/observables.ts';
import type { Instant } from '../../shared/instant.ts';
import type { StoreMethods } from '../store/protocol.ts';
import type { AlertRecord } from '../store/protocol/alerts.ts';
import type { EventRecord } from '../store/protocol/events.ts';
import { observablesOf } from '../text/observables.ts';
import { parserOf } from './presenter.ts';

/** More than a person reads; a scan through a hundred thousand names must not fill a report. */
const mostObservables = 5000;
/** Looked up in all logs: those that most alerts have. */
const mostLookedUp = 100;
/** Of each alert the lines that surprised, the one that it stands on first. */
export async function culpritLines(
  store: Client<StoreMethods>,
  alerts: readonly AlertRecord[],
  maxChars: number,
): Promise<(alert: AlertRecord) => EventRecord[]> {
  const culprits = await store.call('list_culprits', { alertIds: alerts.map(({ id }) => id) });
  const idsOf = new Map(culprits.map(({ alertId, eventIds }) => [alertId, eventIds]));
  const ids = [...new Set(culprits.flatMap(({ eventIds }) => eventIds))];
  const events = new Map((await store.call('get_events', { ids, maxChars })).map((event) => [event.id, event]));
  return ({ id }) => (idsOf.get(id) ?? []).flatMap((eventId) => events.get(eventId) ?? []);
}

/** Where these stand says something; a command line or a process stands everywhere, or once. */
const lookedUpKinds: ReadonlySet<ObservableKind> = new Set([
  'address',
  'domain',
  'url',
  'hash',
  'email',
  'user',
  'host',
  'file',
]);

export class CaseObservables {
  readonly #found = new Map<string, Observable>();

  add(alert: { number: number; at: Instant | null }, found: readonly FoundObservable[]): void {
    for (const one of found) {
      const key = observableKey(one);
      const known = this.#found.get(key);
      if (known) {
        // An alert has several lines.
        if (known.alerts.at(-1) !== alert.number) known.alerts.push(alert.number);
        if (alert.at !== null) {
          known.firstAt = Math.min(known.firstAt ?? alert.at, alert.at);
          known.lastAt = Math.max(known.lastAt ?? alert.at, alert.at);
        }
      } else if (this.#found.size < mostObservables) {
        this.#found.set(key, {
          ...one,
          key,
          alerts: [alert.number],
          firstAt: alert.at,
          lastAt: alert.at,
          elsewhere: null,
        });
      }
    }
  }

  /** By kind, outside before inside, then those of most alerts, then by text. */
  listed(): Observable[] {
    for (const { alerts } of this.#found.values()) alerts.sort((a, b) => a - b);
    return [...this.#found.values()].sort(
      (a, b) =>
        observableKinds.indexOf(a.kind) - observableKinds.indexOf(b.kind) ||
        Number(a.isInside) - Number(b.isInside) ||
        b.alerts.length - a.alerts.length ||
        (a.text < b.text ? -1 : 1),
    );
  }

  /** Those of all lines that surprised in an alert: the one that it stands on may be the logout behind an attack. */
  addLines(alert: { number: number; at: Instant | null }, events: readonly EventRecord[]): void {
    for (const event of events) this.add(alert, observablesOf(event.raw, parserOf(event)(event.raw)));
  }

  async lookedUp(store: Client<StoreMethods>, caseNumber: number): Promise<Observable[]> {
    const all = this.listed();
    const asked = all.filter(({ kind }) => lookedUpKinds.has(kind)).slice(0, mostLookedUp);
    for (const observable of asked) {
      const elsewhere = await store.call('find_sightings', { text: observable.text, caseNumber });
      // The case's own are known, however far back they are.
      observable.elsewhere = elsewhere && {
        ...elsewhere,
        alertCount: Math.max(elsewhere.alertCount, observable.alerts.length),
      };
    }
    return all;
  }
}
