/**
 * @file The list of alerts: pages of it, the selection, the ticks. Arrivals never enter by themselves: they are counted and
 * wait until they are asked for, so that no row moves under the hand.
 */
import { SvelteSet } from 'svelte/reactivity';
import type { AlertCounts, AlertRow } from '../../shared/domain.ts';
import type { RouteOutput } from '../../shared/routes.ts';
import type { Transport } from '../transport/transport.ts';
import { messageOf } from './problems.ts';

export type QueueOrder = 'severity' | 'time';
type Page = RouteOutput<'alerts.list'>;

const pageSize = 200;
const refreshPageSize = 500;
/** More is asked for when the view comes this close to the last loaded row. */
const readAheadRows = 80;

export class QueueState {
  tab = $state<keyof AlertCounts>('open');
  text = $state('');
  order = $state<QueueOrder>('severity');
  rows = $state.raw<readonly AlertRow[]>([]);
  /** Rows the list has, loaded or not, without the arrivals that wait. */
  rowCount = $state(0);
  counts = $state.raw<AlertCounts>({ open: 0, decided: 0, folded: 0 });
  waiting = $state(0);
  waitingSince = $state<number | null>(null);
  selectedId = $state<string | null>(null);
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state<string | null>(null);
  /** When the selection last moved without a key: verdict keys struck right after were meant for another alert. In the page's own time, which no clock sets back. */
  forcedAt = Number.NEGATIVE_INFINITY;
  /** Rows on screen, for paging by keys; the list says. */
  pageRows = 10;
  readonly ticked = new SvelteSet<string>();
  /** Just let in by `showArrivals`, until the list is loaded anew. */
  readonly arrived = new SvelteSet<string>();

  readonly #indexById = $derived(new Map(this.rows.map((row, index) => [row.id, index])));
  readonly selectedIndex = $derived(this.selectedId === null ? -1 : (this.#indexById.get(this.selectedId) ?? -1));
  readonly selected = $derived(this.rows[this.selectedIndex] ?? null);

  readonly #transport: Transport;
  /** Every alert this list has shown: what is not in here when it comes is an arrival. */
  readonly #shown = new Set<string>();
  /** Verdicts on their way: pages fetched meanwhile must not bring these rows back. With the list as it was, to find their place again. */
  readonly #deciding = new Map<string, readonly AlertRow[]>();
  #cursor: string | null = null;
  #generation = 0;
  #isLoadingMore = false;
  #refreshing: Promise<void> | null = null;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  indexOf(id: string): number {
    return this.#indexById.get(id) ?? -1;
  }

  /** Loads the list anew, arrivals included. The selection stays where its alert still is. */
  async load(): Promise<void> {
    const generation = ++this.#generation;
    if (this.rows.length === 0) this.phase = 'loading';
    try {
      const page = await this.#page(null, pageSize);
      if (generation !== this.#generation) return;
      this.#shown.clear();
      this.arrived.clear();
      this.#setWaiting(0);
      this.#show(this.#keep(page.rows), page);
      this.phase = 'ready';
      this.error = null;
      if (this.selectedIndex < 0) this.selectedId = this.rows[0]?.id ?? null;
    } catch (error) {
      if (generation !== this.#generation) return;
      this.phase = 'failed';
      this.error = messageOf(error);
    }
  }

  async setView(change: { tab?: keyof AlertCounts; text?: string; order?: QueueOrder }): Promise<void> {
    const isOther = change.tab !== undefined && change.tab !== this.tab;
    if (change.tab !== undefined) this.tab = change.tab;
    if (change.text !== undefined) this.text = change.text;
    if (change.order !== undefined) this.order = change.order;
    this.ticked.clear();
    if (isOther) {
      this.rows = [];
      this.rowCount = 0;
      this.selectedId = null;
    }
    await this.load();
  }

  /** Called with the last row on screen, loaded or not. Many pages are shown in growing steps: each step costs as much as the list is long. */
  async reachedRow(index: number): Promise<void> {
    if (this.#isLoadingMore) return;
    this.#isLoadingMore = true;
    const generation = this.#generation;
    try {
      const isMissing = (loaded: number): boolean => this.#cursor !== null && index >= loaded - readAheadRows;
      while (isMissing(this.rows.length)) {
        const fetched: AlertRow[] = [];
        let page: Page;
        let cursor = this.#cursor;
        do {
          page = await this.#page(cursor, refreshPageSize);
          if (generation !== this.#generation) return;
          fetched.push(...page.rows);
          cursor = page.nextCursor;
        } while (
          cursor !== null &&
          isMissing(this.rows.length + fetched.length) &&
          fetched.length < this.rows.length / 4
        );
        this.#append(fetched, page);
      }
    } catch (error) {
      this.error = messageOf(error);
    } finally {
      this.#isLoadingMore = false;
    }
  }

  /**
   * Asks again for what is shown. Rows that left go, changed rows change, new ones are counted as waiting.
   * `letIn`: these come in although they were not shown. `isOwn`: the analyst's own key caused it.
   */
  refresh(options: { letIn?: ReadonlySet<string> | 'all'; isOwn?: boolean } = {}): Promise<void> {
    const run = async (): Promise<void> => {
      const generation = this.#generation;
      try {
        const fresh = await this.#freshRows(Math.max(this.rows.length, 1));
        if (generation !== this.#generation) return;
        this.#reconcile(fresh.rows, fresh.last, options.letIn ?? new Set(), options.isOwn ?? false);
        this.phase = 'ready';
        this.error = null;
      } catch (error) {
        if (generation !== this.#generation) return;
        if (this.rows.length === 0) this.phase = 'failed';
        this.error = messageOf(error);
      }
    };
    this.#refreshing = (this.#refreshing ?? Promise.resolve()).then(run);
    return this.#refreshing;
  }

  /** Lets the arrivals in. The selected row keeps its place on screen: the list view anchors on it. */
  showArrivals(): Promise<void> {
    return this.refresh({ letIn: 'all', isOwn: true });
  }

  select(id: string | null): void {
    this.selectedId = id;
  }

  move(step: number): void {
    if (this.rows.length === 0) return;
    const from = this.selectedIndex < 0 ? (step > 0 ? -1 : this.rows.length) : this.selectedIndex;
    const to = Math.min(this.rows.length - 1, Math.max(0, from + step));
    this.selectedId = this.rows[to]?.id ?? null;
    void this.reachedRow(to);
  }

  moveTo(index: number): void {
    const row = this.rows[Math.min(this.rows.length - 1, Math.max(0, index))];
    if (row) this.selectedId = row.id;
  }

  async moveToEnd(): Promise<void> {
    await this.reachedRow(this.rowCount);
    this.moveTo(this.rows.length - 1);
  }

  /** Takes rows out because a verdict is on its way, and selects the next one that stays. */
  takeOut(ids: readonly string[]): void {
    const gone = new Set(ids);
    for (const id of gone) this.#deciding.set(id, this.rows);
    const next =
      this.rows.slice(this.selectedIndex + 1).find((row) => !gone.has(row.id)) ??
      this.rows.slice(0, Math.max(0, this.selectedIndex)).findLast((row) => !gone.has(row.id)) ??
      null;
    if (this.tab !== 'decided') {
      this.rows = this.rows.filter((row) => !gone.has(row.id));
      this.rowCount = Math.max(this.rows.length, this.rowCount - gone.size);
    }
    this.selectedId = next?.id ?? (this.tab === 'decided' ? this.selectedId : null);
    for (const id of gone) this.ticked.delete(id);
    void this.reachedRow(this.selectedIndex);
  }

  /** The verdict is saved: pages may be trusted about this alert again. */
  settle(id: string, counts: AlertCounts): void {
    this.#deciding.delete(id);
    this.counts = counts;
  }

  /** The verdict was not saved: the row comes back to its place and is selected. */
  putBack(row: AlertRow): void {
    const before = this.#deciding.get(row.id) ?? [];
    this.#deciding.delete(row.id);
    if (this.indexOf(row.id) < 0) {
      const follower = before
        .slice(before.findIndex((other) => other.id === row.id) + 1)
        .find((other) => this.indexOf(other.id) >= 0);
      this.rows = this.rows.toSpliced(follower ? this.indexOf(follower.id) : this.rows.length, 0, row);
      this.rowCount += 1;
    }
    this.selectedId = row.id;
    this.forcedAt = performance.now();
  }

  markViewed(id: string): void {
    const index = this.indexOf(id);
    const row = this.rows[index];
    if (row && !row.isViewed) this.rows = this.rows.with(index, { ...row, isViewed: true });
  }

  tick(id: string): void {
    if (!this.ticked.delete(id)) this.ticked.add(id);
  }

  tickAll(): void {
    for (const row of this.rows) this.ticked.add(row.id);
  }

  extend(step: number): void {
    if (this.selectedId !== null) this.ticked.add(this.selectedId);
    this.move(step);
    if (this.selectedId !== null) this.ticked.add(this.selectedId);
  }

  tickedRows(): AlertRow[] {
    return this.rows.filter((row) => this.ticked.has(row.id));
  }

  #page(cursor: string | null, limit: number): Promise<Page> {
    return this.#transport.request('alerts.list', {
      state: this.tab,
      text: this.text,
      order: this.order,
      cursor,
      limit,
    });
  }

  #keep(rows: readonly AlertRow[]): AlertRow[] {
    return this.tab === 'decided' ? [...rows] : rows.filter((row) => !this.#deciding.has(row.id));
  }

  #show(rows: readonly AlertRow[], page: Page): void {
    for (const row of rows) this.#shown.add(row.id);
    this.rows = rows;
    this.#cursor = page.nextCursor;
    this.counts = page.counts;
    this.rowCount =
      page.nextCursor === null ? rows.length : Math.max(rows.length, page.total - this.waiting - this.#deciding.size);
  }

  async #freshRows(amount: number): Promise<{ rows: AlertRow[]; last: Page }> {
    let last = await this.#page(null, refreshPageSize);
    const rows = [...last.rows];
    while (rows.length < amount && last.nextCursor !== null) {
      last = await this.#page(last.nextCursor, refreshPageSize);
      rows.push(...last.rows);
    }
    return { rows: this.#keep(rows), last };
  }

  #reconcile(fresh: readonly AlertRow[], last: Page, letIn: ReadonlySet<string> | 'all', isOwn: boolean): void {
    // An empty list has no row that could move: what arrives is simply shown.
    const takesAll = this.rows.length === 0 || letIn === 'all';
    // Behind the last known row come pages that were not loaded yet; nothing moves when they do.
    const known = fresh.findLastIndex((row) => this.#shown.has(row.id));
    const tailStart = this.#cursor === null ? fresh.length : known + 1;
    const isIn = (row: AlertRow, index: number): boolean =>
      takesAll || this.#shown.has(row.id) || index >= tailStart || letIn.has(row.id);
    if (letIn === 'all') {
      this.arrived.clear();
      for (const row of fresh) if (!this.#shown.has(row.id)) this.arrived.add(row.id);
    }
    const kept = fresh.filter(isIn);
    const wasAt = this.selectedIndex;
    this.#setWaiting(fresh.length - kept.length);
    this.#show(this.#unchangedAsTheyWere(kept), last);
    const ids = new Set(kept.map((row) => row.id));
    for (const id of this.ticked) if (!ids.has(id)) this.ticked.delete(id);
    if (this.selectedIndex >= 0) return;
    this.selectedId = this.rows[Math.min(Math.max(0, wasAt), this.rows.length - 1)]?.id ?? null;
    if (!isOwn && wasAt >= 0) this.forcedAt = performance.now();
  }

  /** Keeps the objects of rows that did not change, so that nothing of them is drawn again. */
  #unchangedAsTheyWere(rows: readonly AlertRow[]): AlertRow[] {
    return rows.map((row) => {
      const old = this.rows[this.indexOf(row.id)];
      return old && JSON.stringify(old) === JSON.stringify(row) ? old : row;
    });
  }

  #append(fetched: readonly AlertRow[], last: Page): void {
    this.#show([...this.rows, ...this.#keep(fetched).filter((row) => this.indexOf(row.id) < 0)], last);
  }

  #setWaiting(amount: number): void {
    this.waiting = amount;
    this.waitingSince = amount === 0 ? null : (this.waitingSince ?? Date.now());
  }
}
