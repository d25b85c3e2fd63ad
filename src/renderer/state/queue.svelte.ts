/**
 * @file The list of alerts as the analyst sees it: which list, its pages, the selection, the ticks. It shows alerts up to the newest one there
 * was when it was loaded: arrivals are counted and wait until they are asked for, so that no row moves under the hand.
 */
import { SvelteSet } from 'svelte/reactivity';
import type {
  AlertCounts,
  AlertGroup,
  AlertQuery,
  AlertSummary,
  GroupField,
  QueueOrder,
  QueueTab,
} from '../../shared/alertLists.ts';
import type { AlertRow } from '../../shared/alerts.ts';
import type { AlertSelection } from '../../shared/actions.ts';
import { comparePlaces, pageSize, type Page } from '../lib/alertPages.ts';
import { AtRest } from '../lib/atRest.ts';
import type { Transport } from '../transport/transport.ts';
import { GroupsState } from './groups.svelte.ts';
import { messageOf } from './problems.ts';
import { QueuePages } from './queuePages.svelte.ts';
import { RisenRows } from './risenRows.svelte.ts';
import { recallQueue, rememberQueue, type ColumnName, type Density } from './queueMemory.ts';
import { Ticks } from './ticks.svelte.ts';
import { UnderDecision } from './underDecision.ts';

export type QueueView = { tab: QueueTab; filter: string; order: QueueOrder; group: GroupField | null };

/** A page may have grown by what came back into it. */
const mostRowsOfPage = 1000;
/** The list as a whole is looked at again when nothing has changed for so long. */
const summaryRestMs = 1500;
/** What left the list under a verdict goes behind the next look, not before it. */
const refreshing = { restMs: 250, mostWaitMs: 1000 };
/** As long as a notice. */
const movedSaidMs = 9000;

export class QueueState {
  tab = $state<QueueTab>('open');
  /** In force; what is being typed is the filter line's. */
  filter = $state('');
  order = $state<QueueOrder>('severity');
  group = $state<GroupField | null>(null);
  columns = $state.raw<readonly ColumnName[]>([]);
  density = $state<Density>('normal');
  hasHistogram = $state(true);
  counts = $state.raw<AlertCounts>({ open: 0, mine: 0, decided: 0, folded: 0, muted: 0 });
  histogram = $state.raw<AlertSummary['histogram']>(null);
  /** Open alerts that the threshold let in a moment ago; below zero: that it took out. Said beside the count, so that no row goes without a word. */
  moved = $state(0);
  waiting = $state(0);
  waitingSince = $state<number | null>(null);
  selectedId = $state<string | null>(null);
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state<string | null>(null);
  /** When the selection last moved without a key: verdict keys struck right after were meant for another alert. In the page's own time, which no clock sets back. */
  forcedAt = Number.NEGATIVE_INFINITY;
  /** Rows on screen, for paging by keys; the list says. */
  pageRows = 10;
  readonly ticks = new Ticks();
  /** Just let in by `showArrivals`, until the list is loaded anew. */
  readonly arrived = new SvelteSet<string>();
  readonly groups = new GroupsState(() => this.#transport);
  /** The zone that times in the filter are meant in. */
  zone: () => string = () => 'UTC';

  readonly #pages = new QueuePages((page) => this.#fetch(page));
  /** Rows the list has, loaded or not, without the arrivals that wait. */
  readonly rowCount = $derived(this.group === null ? this.#pages.count : this.groups.items.length);
  /** Rows that are there now. */
  readonly rows = $derived(this.#pages.rows);
  readonly selectedIndex = $derived(this.selectedId === null ? -1 : this.indexOf(this.selectedId));
  readonly selectedGroup = $derived(this.group === null ? null : this.groups.groupOf(this.selectedId));
  /** The alert in view; of a group, its most severe one. */
  readonly selected = $derived.by(() => {
    if (this.group === null) return this.rowAt(this.selectedIndex) ?? null;
    return this.groups.items[this.selectedIndex]?.row ?? this.selectedGroup?.top ?? null;
  });
  /** Alerts that an action would be done to. */
  readonly targetCount = $derived.by(() => {
    const { isAll, except, ticked } = this.ticks;
    if (isAll) return Math.max(0, this.total - except.size);
    if (ticked.size > 0) return ticked.size;
    return this.selectedGroup?.count ?? (this.selected ? 1 : 0);
  });
  /** Rows that rose above the selected one by themselves, the highest first. */
  readonly risenIds = $derived.by(() => this.#risen.above(this));
  readonly total = $derived(
    this.group === null ? this.#pages.count : this.groups.list.reduce((sum, { count }) => sum + count, 0),
  );

  readonly #transport: Transport;
  readonly #risen = new RisenRows();
  readonly #underDecision = new UnderDecision();
  readonly #soon = new AtRest(() => this.refresh(), refreshing);
  #asOf: number | null = null;
  #generation = 0;
  #refreshing: Promise<void> = Promise.resolve();
  /** Asked for, and not begun. */
  #queued: Promise<void> | null = null;
  #summarising: Promise<void> = Promise.resolve();
  #movedTimer: ReturnType<typeof setTimeout> | undefined;
  #summaryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
    Object.assign(this, recallQueue());
  }

  /** Which alerts the list has. */
  get query(): AlertQuery {
    return { tab: this.tab, filter: this.filter, zone: this.zone(), asOf: this.#asOf };
  }

  indexOf(id: string): number {
    return (this.group === null ? this.#pages.indexOf(id) : this.groups.indexOf(id)) ?? -1;
  }

  /** Undefined: not loaded, or not an alert. */
  rowAt(index: number): AlertRow | undefined {
    if (this.group !== null) return this.groups.items[index]?.row ?? undefined;
    return this.#pages.rowAt(index);
  }

  groupAt(index: number): AlertGroup | null {
    return this.group === null ? null : (this.groups.items[index]?.group ?? null);
  }

  idAt(index: number): string | number {
    if (this.group !== null) return this.groups.items[index]?.id ?? index;
    return this.rowAt(index)?.id ?? index;
  }

  /** Loads the list anew, arrivals included. The selection stays where its alert still is. */
  async load(): Promise<void> {
    await this.loadFirst();
    await this.#summarising;
  }

  /**
   * The same, until its first rows are there; how long it is, is found out behind them. `keepsPlace`: where the selected row is gone, the one that
   * took its place is selected.
   */
  async loadFirst({ keepsPlace = false } = {}): Promise<void> {
    const generation = ++this.#generation;
    const wasAt = keepsPlace ? this.selectedIndex : -1;
    const noteRisen = this.#risen.watch(() => this);
    if (!keepsPlace) this.#risen.clear();
    if (this.rowCount === 0) this.phase = 'loading';
    const saved = this.#underDecision.savedKinds();
    try {
      const first = await this.#transport.request('alerts.list', {
        ...this.query,
        asOf: null,
        order: this.order,
        limit: pageSize,
      });
      if (generation !== this.#generation) return;
      this.#asOf = first.newest;
      this.counts = first.counts;
      this.arrived.clear();
      this.#setWaiting(0);
      this.#pages.begin(this.#keep(first.rows), first.nextCursor);
      if (this.group !== null) await this.groups.load(this.query, this.order, this.group);
      if (generation !== this.#generation) return;
      this.#underDecision.shown(saved);
      this.phase = 'ready';
      this.error = null;
      if (this.selectedIndex < 0) this.#selectAt(Math.min(Math.max(0, wasAt), this.rowCount - 1));
      if (keepsPlace) noteRisen();
      this.#summarising = this.#summarise(generation).catch((error: unknown) => {
        if (generation === this.#generation) this.error = messageOf(error);
      });
    } catch (error) {
      if (generation !== this.#generation) return;
      if (this.rowCount === 0) this.phase = 'failed';
      this.error = messageOf(error);
    }
  }

  async setView(change: Partial<QueueView>): Promise<void> {
    const isOther = change.tab !== undefined && change.tab !== this.tab;
    const isRegrouped = change.group !== undefined && change.group !== this.group;
    Object.assign(this, change);
    // It has an order of its own.
    if (this.tab === 'teach') this.group = null;
    this.ticks.clear();
    this.remember();
    if (isOther || isRegrouped) {
      this.#pages.clear();
      this.groups.clear();
      this.selectedId = null;
      this.phase = 'loading';
    }
    await this.load();
  }

  /** Called with the rows on screen, loaded or not. */
  reachedRows(first: number, end: number): Promise<void> {
    if (this.group !== null) return Promise.resolve();
    return this.#pages.reached(first, end).catch((error: unknown) => {
      this.error = messageOf(error);
    });
  }

  /**
   * Asks again for what is on screen. Rows that left go, changed rows change, new ones are counted as waiting. One that waits for its turn stands for
   * whoever asks meanwhile.
   */
  refresh(): Promise<void> {
    this.#queued ??= this.#refreshing.then(() => {
      this.#queued = null;
      return this.#refreshNow();
    });
    this.#refreshing = this.#queued;
    return this.#refreshing;
  }

  /** The same, when no verdict was struck for a moment. */
  refreshSoon(): Promise<void> {
    return this.#soon.wish();
  }

  async #refreshNow(): Promise<void> {
    const generation = this.#generation;
    try {
      if (this.#asOf === null || this.rowCount === 0) return await this.load();
      const wasAt = this.selectedIndex;
      const saved = this.#underDecision.savedKinds();
      const noteRisen = this.#risen.watch(() => this);
      if (this.group === null)
        await this.#pages.refresh(
          () => this.selectedIndex,
          (rows) => this.#keep(rows),
        );
      else await this.groups.load(this.query, this.order, this.group);
      if (generation !== this.#generation) return;
      this.#underDecision.shown(saved);
      // Before anything else is waited for: a key struck meanwhile must find an alert.
      if (this.selectedIndex < 0) {
        this.#selectAt(Math.min(Math.max(0, wasAt), this.rowCount - 1));
        if (wasAt >= 0) this.forcedAt = performance.now();
      }
      // What is asked next has an order of its own, that changes with each verdict.
      if (this.tab !== 'teach') noteRisen();
      const { count } = await this.#transport.request('alerts.count_new', { ...this.query, newerThan: this.#asOf });
      if (generation !== this.#generation) return;
      this.#setWaiting(count);
      this.error = null;
      // An empty list has no row that could move: what arrives is simply shown.
      if (this.rowCount === 0 && count > 0) await this.load();
      else this.#summariseSoon();
    } catch (error) {
      if (generation !== this.#generation) return;
      this.error = messageOf(error);
    }
  }

  /** Rows leave, or come, that no key of the analyst's decided: it is said, and the list is counted again at once. */
  async thresholdMoved(openMoved: number): Promise<void> {
    if (openMoved === 0) return;
    clearTimeout(this.#movedTimer);
    this.moved += openMoved;
    this.#movedTimer = setTimeout(() => (this.moved = 0), movedSaidMs);
    await this.refreshSoon();
    if (this.group === null)
      await this.#summarise(this.#generation).catch((error: unknown) => (this.error = messageOf(error)));
  }

  /** To the highest of those that rose. */
  moveToRisen(): void {
    const [first] = this.risenIds;
    if (first !== undefined) this.selectedId = first;
  }

  /** Lets the arrivals in. The selected row keeps its place on screen: the list view anchors on it. */
  async showArrivals(): Promise<void> {
    const before = this.#asOf ?? 0;
    const place = this.selected?.place[this.order] ?? null;
    await this.load();
    for (const row of this.rows) if (row.number > before) this.arrived.add(row.id);
    if (place !== null && this.selectedIndex < 0) await this.#pages.loadPlace(place);
  }

  /** Shows the alert and selects it, wherever in the list it stands. False: it is not in the list. */
  async reveal(row: Pick<AlertRow, 'id' | 'place'>): Promise<boolean> {
    if (this.group === null) await this.#pages.loadPlace(row.place[this.order]);
    if (this.indexOf(row.id) < 0) return false;
    this.selectedId = row.id;
    return true;
  }

  select(id: string | null): void {
    this.selectedId = id;
  }

  async move(step: number): Promise<void> {
    if (this.rowCount === 0) return;
    const from = this.selectedIndex < 0 ? (step > 0 ? -1 : this.rowCount) : this.selectedIndex;
    await this.moveTo(from + step);
  }

  async moveTo(index: number): Promise<void> {
    const to = Math.min(this.rowCount - 1, Math.max(0, index));
    if (!this.#selectAt(to)) {
      await this.#pages.loadRows(to, to + 1);
      this.#selectAt(to);
    }
  }

  moveToEnd(): Promise<void> {
    return this.moveTo(this.rowCount - 1);
  }

  /** What a verdict on the alert in view most likely leads to; null where that is not loaded. */
  upcoming(): AlertRow | null {
    const { selected } = this;
    if (!selected) return null;
    if (this.staysDecided) return this.rowAt(this.selectedIndex + 1) ?? null;
    return this.#nextWithout(new Set([selected.id]), selected.signature) ?? null;
  }

  /** The rows of this list stay where they are when they are decided. */
  get staysDecided(): boolean {
    return this.group !== null || this.tab === 'decided';
  }

  /** The next row that stays: those alike are likely folded under the verdict, and so are those alike the ones before whose verdicts the list does not show yet. */
  #nextWithout(gone: ReadonlySet<string>, alike: string | null): AlertRow | undefined {
    let next: AlertRow | undefined;
    for (let index = this.selectedIndex + 1; index < this.rowCount; index++) {
      const row = this.rowAt(index);
      if (!row) break;
      if (gone.has(row.id)) continue;
      if (row.signature !== alike && !this.#underDecision.mayLeave(row.signature)) return row;
      next ??= row;
    }
    return next ?? this.rows.find((row) => !gone.has(row.id) && this.indexOf(row.id) > this.selectedIndex);
  }

  /** Takes rows out because a verdict is on its way, and selects the next one that stays. */
  takeOut(ids: readonly string[], alike: string | null = null): void {
    const gone = new Set(ids);
    this.#soon.postpone();
    this.#underDecision.begin(gone, alike);
    for (const id of gone) this.ticks.ticked.delete(id);
    if (this.staysDecided) {
      void this.move(1);
      return;
    }
    const at = this.selectedIndex;
    const next = this.#nextWithout(gone, alike);
    const before = this.rows.findLast((row) => !gone.has(row.id) && this.indexOf(row.id) < at);
    this.selectedId = (next ?? before)?.id ?? null;
    this.#pages.change((rows) => rows.filter((row) => !gone.has(row.id)));
    void this.#fill();
  }

  /** The verdict is saved: pages may be trusted about this alert again. */
  settle(id: string, counts: AlertCounts): void {
    this.#underDecision.saved(id);
    this.counts = counts;
    this.#summariseSoon();
  }

  /** The verdict was not saved: the row comes back to its place and is selected. */
  putBack(row: AlertRow): void {
    this.#underDecision.failed(row);
    const { order } = this;
    const place = row.place[order];
    if (this.group === null && this.indexOf(row.id) < 0) {
      this.#pages.changeAt(place, (rows) => {
        if (this.tab === 'teach') return [row, ...rows];
        const at = rows.findIndex((other) => comparePlaces(place, other.place[order]) < 0);
        return rows.toSpliced(at < 0 ? rows.length : at, 0, row);
      });
    }
    this.selectedId = row.id;
    this.forcedAt = performance.now();
  }

  markViewed(id: string): void {
    const row = this.rowAt(this.indexOf(id));
    if (!row || row.isViewed || this.group !== null) return;
    this.#pages.changeRow(id, (one) => ({ ...one, isViewed: true }));
  }

  /** All that match, loaded or not. */
  tickAll(): void {
    this.ticks.clear();
    if (this.total > 0) this.ticks.all();
  }

  async extend(step: number): Promise<void> {
    const add = (): void => {
      if (this.selectedId !== null && !this.selectedGroup) this.ticks.add(this.selectedId);
    };
    add();
    await this.move(step);
    add();
  }

  /** What an action is done to: what is chosen, the group in view, or the alert in view. Null: nothing. */
  selection(): AlertSelection | null {
    const { isAll, except, ticked } = this.ticks;
    if (isAll) return { kind: 'query', query: this.query, except: [...except] };
    // A blind question is answered by itself.
    const isQuestion = (id: string): boolean => this.rowAt(this.indexOf(id))?.asked?.why === 'again';
    if (ticked.size > 0) return { kind: 'ids', ids: [...ticked].filter((id) => !isQuestion(id)) };
    const group = this.selectedGroup;
    if (group) return { kind: 'query', query: this.groups.queryOf(group, this.query), except: [] };
    return this.selected ? { kind: 'ids', ids: [this.selected.id] } : null;
  }

  remember(): void {
    const { tab, filter, order, group, columns, density, hasHistogram } = this;
    rememberQueue({ tab, filter, order, group, columns: [...columns], density, hasHistogram });
  }

  #selectAt(index: number): boolean {
    const id = this.group === null ? this.rowAt(index)?.id : this.groups.items[index]?.id;
    if (id === undefined) return false;
    this.selectedId = id;
    return true;
  }

  #keep(rows: readonly AlertRow[]): AlertRow[] {
    return this.tab === 'decided' ? [...rows] : rows.filter((row) => !this.#underDecision.has(row.id));
  }

  async #fill(): Promise<void> {
    try {
      await this.#pages.fill();
    } catch (error) {
      this.error = messageOf(error);
    }
  }

  async #fetch(page: Page): Promise<Page> {
    const { after, until } = page;
    const request = { ...this.query, order: this.order, after, until, limit: mostRowsOfPage };
    const found = await this.#transport.request('alerts.list', request);
    this.counts = found.counts;
    const rows = this.#keep(found.rows).map((row) => {
      const old = this.rowAt(this.indexOf(row.id));
      // A question comes without what was done to it: that it was looked at now would be forgotten with each answer.
      if (old?.asked?.why === 'again' && row.asked?.why === 'again') return old;
      // Rows that did not change stay the same objects, so that nothing of them is drawn again.
      return old && JSON.stringify(old) === JSON.stringify(row) ? old : row;
    });
    // What is worth asking changes with each verdict: what is asked already stays where it is, until the list is loaded anew.
    if (this.tab === 'teach')
      rows.sort(
        (one, other) =>
          Number(this.indexOf(one.id) < 0) - Number(this.indexOf(other.id) < 0) ||
          this.indexOf(one.id) - this.indexOf(other.id),
      );
    // The page that stood for a rest not looked at yet ends where its rows end, and another stands for what is behind.
    const cut = until === null && found.nextCursor !== null;
    return { after, until: cut ? found.nextCursor : until, rows, length: rows.length };
  }

  #summariseSoon(): void {
    clearTimeout(this.#summaryTimer);
    const generation = this.#generation;
    this.#summaryTimer = setTimeout(() => {
      if (generation !== this.#generation) return;
      this.#summarise(generation).catch((error: unknown) => (this.error = messageOf(error)));
    }, summaryRestMs);
  }

  /** Looks at the list as a whole: its length, where its pages end, how it lies in time. Rows that are loaded stay. */
  async #summarise(generation: number): Promise<void> {
    clearTimeout(this.#summaryTimer);
    const summary = await this.#transport.request('alerts.summary', { ...this.query, order: this.order, pageSize });
    if (generation !== this.#generation || !this.#underDecision.isEmpty) return;
    this.histogram = summary.histogram;
    const place = this.group === null ? this.selected?.place[this.order] : undefined;
    const pages = await this.#pages.divided(summary.marks, summary.total, place);
    // A verdict struck meanwhile took a row out of pages that these do not know of.
    if (pages === null || generation !== this.#generation || !this.#underDecision.isEmpty) return;
    this.#pages.replace(pages);
    void this.#fill();
  }

  #setWaiting(amount: number): void {
    this.waiting = amount;
    this.waitingSince = amount === 0 ? null : (this.waitingSince ?? Date.now());
  }
}
