/** @file A host made of handlers: each request waits until the test answers it, or is answered by a handler at once. */
import type { AlertCounts, AlertRow, VerdictEffect, VerdictValue } from '../../../src/shared/domain.ts';
import type { AppEvent } from '../../../src/shared/events.ts';
import type { RouteInput, RouteName, RouteOutput } from '../../../src/shared/routes.ts';
import type { Transport } from '../../../src/renderer/transport/transport.ts';

type Handlers = { [R in RouteName]?: (input: RouteInput<R>) => RouteOutput<R> | Promise<RouteOutput<R>> };

export class FakeTransport implements Transport {
  readonly handlers: Handlers;
  readonly calls: { route: RouteName; input: unknown }[] = [];
  readonly listeners = new Set<(event: AppEvent) => void>();

  constructor(handlers: Handlers) {
    this.handlers = handlers;
  }

  async request<R extends RouteName>(route: R, input: RouteInput<R>): Promise<RouteOutput<R>> {
    this.calls.push({ route, input });
    const handler = this.handlers[route];
    if (!handler) throw new Error(`The test did not expect ${route}.`);
    return handler(input);
  }

  subscribe(listener: (event: AppEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  watchConnection(): () => void {
    return () => undefined;
  }
}

/** A host with a queue of alerts: lists, decides, folds, undoes. */
export class FakeHost {
  readonly alerts: AlertRow[];
  readonly given: { alertId: string; value: VerdictValue; note: string }[] = [];
  readonly transport: FakeTransport;
  pageLimit = 500;
  /** Set to make the next verdicts wait or fail. */
  beforeVerdict: (alertId: string) => Promise<void> | void = () => undefined;
  /** Ids that a verdict on the key folds. */
  readonly folds = new Map<string, string[]>();
  readonly #undone: string[] = [];

  constructor(amount: number) {
    this.alerts = Array.from({ length: amount }, (_, index) => alertRow(index + 1));
    this.transport = new FakeTransport({
      'alerts.list': (input) => {
        const all = this.alerts
          .filter((row) => row.state === input.state)
          .sort((left, right) => right.score - left.score);
        const start = Number(input.cursor ?? 0);
        const rows = all.slice(start, start + Math.min(input.limit ?? 200, this.pageLimit));
        const end = start + rows.length;
        return { rows, nextCursor: end < all.length ? String(end) : null, total: all.length, counts: this.counts() };
      },
      'verdicts.give': async ({ alertId, value, note }) => {
        await this.beforeVerdict(alertId);
        return this.#decide(alertId, value, note ?? '');
      },
      'verdicts.undo': () => {
        const last = this.given.pop();
        if (!last) return null;
        this.#undone.push(last.alertId);
        this.#change(last.alertId, { state: 'open', verdict: null });
        for (const id of this.folds.get(last.alertId) ?? []) this.#change(id, { state: 'open' });
        return { alertId: last.alertId, counts: this.counts(), text: 'Undone.' };
      },
    });
  }

  arrive(number: number, score: number): void {
    this.alerts.push({ ...alertRow(number), score });
  }

  counts(): AlertCounts {
    const of = (state: string): number => this.alerts.filter((row) => row.state === state).length;
    return { open: of('open'), decided: of('decided'), folded: of('folded') };
  }

  #decide(alertId: string, value: VerdictValue, note: string): VerdictEffect {
    const verdict = { id: `v${this.given.length}`, alertId, value, note, analyst: 'tester', givenAt: 0 };
    this.given.push({ alertId, value, note });
    this.#change(alertId, { state: 'decided', verdict });
    const folded = this.folds.get(alertId) ?? [];
    for (const id of folded) this.#change(id, { state: 'folded' });
    return {
      verdict,
      foldedCount: folded.length,
      foldExpiresAt: null,
      counts: this.counts(),
    };
  }

  #change(id: string, change: Partial<AlertRow>): void {
    const index = this.alerts.findIndex((row) => row.id === id);
    const row = this.alerts[index];
    if (row) this.alerts[index] = { ...row, ...change };
  }
}

export function alertRow(number: number): AlertRow {
  return {
    id: `a${number}`,
    number,
    state: 'open',
    severity: 4,
    score: 1000 - number,
    bits: 10,
    reason: 'rare',
    detector: 'key',
    title: `Alert ${number}`,
    template: 'a <*> b',
    entity: { kind: 'user', text: 'someone' },
    host: null,
    sourceName: 'auth.log',
    lineNumber: number,
    at: null,
    raisedAt: 0,
    eventCount: 1,
    foldedCount: 0,
    repeatCount: 0,
    repeatLastAt: null,
    isViewed: false,
    seenBefore: {
      true_positive: 0,
      benign_true_positive: 0,
      false_positive_logic: 0,
      false_positive_data: 0,
      undetermined: 0,
    },
    verdict: null,
    caseNumber: null,
  };
}
