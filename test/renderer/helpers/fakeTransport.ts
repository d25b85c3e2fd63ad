/** @file A host made of handlers: each request waits until the test answers it, or is answered by a handler at once. */
import type { AlertCounts } from '../../../src/shared/alertLists.ts';
import type { AlertDetail, AlertRow } from '../../../src/shared/alerts.ts';
import type { VerdictEffect, VerdictValue } from '../../../src/shared/verdicts.ts';
import type { AppEvent } from '../../../src/shared/events.ts';
import type { RouteInput, RouteName, RouteOutput } from '../../../src/shared/routes.ts';
import { comparePlaces } from '../../../src/renderer/lib/alertPages.ts';
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
  /** How many would fold, but wait for a verdict that agrees. */
  readonly holds = new Map<string, number>();
  /** Sizes of verdicts on many; others are on one. */
  readonly #many: number[] = [];

  constructor(amount: number) {
    this.alerts = Array.from({ length: amount }, (_, index) => alertRow(index + 1));
    this.transport = new FakeTransport({
      'alerts.list': (input) => {
        const { after, until } = input;
        const all = this.#listed(input.tab, input.asOf).filter(
          ({ place }) =>
            (!after || comparePlaces(place.severity, after) > 0) &&
            (!until || comparePlaces(place.severity, until) <= 0),
        );
        const rows = all.slice(0, Math.min(input.limit ?? 200, this.pageLimit));
        const nextCursor = rows.length < all.length ? (rows.at(-1)?.place.severity ?? null) : null;
        const newest = Math.max(0, ...this.alerts.map(({ number }) => number));
        return { rows, nextCursor, newest, counts: this.counts() };
      },
      'alerts.summary': (input) => {
        const all = this.#listed(input.tab, input.asOf);
        const size = input.pageSize ?? 200;
        const marks = all.filter((_, index) => (index + 1) % size === 0 && index < all.length - 1);
        const asOf = input.asOf ?? 0;
        return {
          total: all.length,
          marks: marks.map(({ place }) => place.severity),
          asOf,
          histogram: null,
          withoutTime: 0,
        };
      },
      'alerts.count_new': (input) => ({
        count: this.#listed(input.tab, null).filter(({ number }) => number > input.newerThan).length,
      }),
      'alerts.get': ({ alertId }) => {
        const row = this.alerts.find(({ id }) => id === alertId);
        if (!row) throw new Error('gone');
        return { row } as AlertDetail;
      },
      'verdicts.give_many': async ({ selection, value, note }) => {
        const ids =
          selection.kind === 'ids'
            ? selection.ids
            : this.#listed(selection.query.tab, selection.query.asOf).map(({ id }) => id);
        await this.beforeVerdict(ids[0] ?? '');
        let effect: VerdictEffect | undefined;
        for (const id of ids) effect = this.#decide(id, value, note ?? '');
        this.#many.push(ids.length);
        if (!effect) throw new Error('nothing');
        return { ...effect, alertCount: ids.length };
      },
      'verdicts.give': async ({ alertId, value, note }) => {
        await this.beforeVerdict(alertId);
        return this.#decide(alertId, value, note ?? '');
      },
      'actions.undo': () => {
        const taken = this.given.splice(-(this.#many.pop() ?? 1));
        const [last] = taken;
        if (!last) return null;
        for (const { alertId } of taken) {
          this.#change(alertId, { state: 'open', verdict: null });
          for (const id of this.folds.get(alertId) ?? []) this.#change(id, { state: 'open' });
        }
        return {
          kind: 'verdict',
          alertCount: taken.length,
          alertId: last.alertId,
          counts: this.counts(),
          text: 'Undone.',
        };
      },
    });
  }

  arrive(number: number, score: number): void {
    this.alerts.push(alertRow(number, score));
  }

  #listed(tab: string | undefined, asOf: number | null | undefined): AlertRow[] {
    return this.alerts
      .filter((row) => row.state === (tab ?? 'open') && row.number <= (asOf ?? Infinity))
      .sort((left, right) => right.score - left.score);
  }

  counts(): AlertCounts {
    const of = (state: string): number => this.alerts.filter((row) => row.state === state).length;
    return { open: of('open'), mine: 0, decided: of('decided'), folded: of('folded'), muted: 0 };
  }

  #decide(alertId: string, value: VerdictValue, note: string): VerdictEffect {
    const verdict = { id: `v${this.given.length}`, alertId, value, note, analyst: 'tester', givenAt: 0 };
    this.given.push({ alertId, value, note });
    this.#change(alertId, { state: 'decided', verdict });
    const folded = this.folds.get(alertId) ?? [];
    for (const id of folded) this.#change(id, { state: 'folded' });
    return {
      verdict,
      alertCount: 1,
      foldedCount: folded.length,
      heldCount: this.holds.get(alertId) ?? 0,
      knownCount: 0,
      foldExpiresAt: null,
      foldScope: 'signature',
      counts: this.counts(),
    };
  }

  #change(id: string, change: Partial<AlertRow>): void {
    const index = this.alerts.findIndex((row) => row.id === id);
    const row = this.alerts[index];
    if (row) this.alerts[index] = { ...row, ...change };
  }
}

export function alertRow(number: number, score = 1000 - number): AlertRow {
  return {
    id: `a${number}`,
    number,
    state: 'open',
    severity: 4,
    score,
    bits: 10,
    reason: 'rare',
    detector: 'key',
    origin: 'detector',
    title: `Alert ${number}`,
    template: 'a <*> b',
    excerpt: 'sudo: …/usr/bin/id',
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
    isKnownThreat: false,
    seenBefore: {
      true_positive: 0,
      benign_true_positive: 0,
      false_positive_logic: 0,
      false_positive_data: 0,
      undetermined: 0,
    },
    verdict: null,
    caseNumber: null,
    owner: null,
    signature: 'aa',
    templateNumber: 1,
    place: { severity: `severity:4:${score}:${number}`, time: `time:0:0:${number}` },
  };
}
