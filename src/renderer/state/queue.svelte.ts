/**
 * @file The list of alerts as the analyst sees it: which list, its pages, the selection, the ticks. It shows alerts up to the newest one there
 * was when it was loaded: arrivals are counted and wait until they are asked for, so that no row moves under the hand.
 */
import { SvelteSet } from 'svelte/reactivity';
import type { AlertCounts, AlertQuery } from '../../shared/alertLists.ts';
import type { AlertRow } from '../../shared/alerts.ts';
import { parseFilter } from '../../shared/filter/parse.ts';
import { comparePlaces, pageSize, type Page } from '../lib/alertPages.ts';
import { AtRest } from '../lib/atRest.ts';
import { OneAtATime } from '../lib/oneAtATime.ts';
import { inOrderOf, settledRows } from '../lib/settledRows.ts';
import type { Transport } from '../transport/transport.ts';
import { ArrivalsState } from './arrivals.svelte.ts';
import { GroupsState } from './groups.svelte.ts';
import { MovedAlerts } from './movedAlerts.svelte.ts';
import { nextAlert } from './nextAlert.ts';
import { messageOf } from './problems.ts';
import { QueueList } from './queueList.svelte.ts';
import { QueuePages } from './queuePages.svelte.ts';
import { QueueSummary } from './queueSummary.svelte.ts';
import { QueueView, type ListChoice } from './queueView.svelte.ts';
import { RisenRows } from './risenRows.svelte.ts';
import { Targets } from './targets.svelte.ts';
import { UnderDecision } from './underDecision.ts';

/** A page may have grown by what came back into it. */
const mostRowsOfPage = 1000;
/** What left the list under a verdict goes behind the next look, not before it. */
const refreshing = { restMs: 250, mostWaitMs: 2000 };

export class QueueState {
  readonly view = new QueueView();
  readonly arrivals = new ArrivalsState();
  readonly moved = new MovedAlerts();
  readonly targets = new Targets(this);
  /** Alerts that were looked at since the window was opened: pages that were asked for before may not know it yet. */
  readonly viewed = new SvelteSet<string>();
  #counts = $state.raw<AlertCounts>({ open: 0, mine: 0, decided: 0, folded: 0, muted: 0 });
  selectedId = $state<string | null>(null);
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state<string | null>(null);
  /** When the selection last moved without a key: verdict keys struck right after were meant for another alert. In the page's own time, which no clock sets back. */
  forcedAt = Number.NEGATIVE_INFINITY;
  /** Rows on screen, for paging by keys; the list says. */
  pageRows = 10;
  readonly groups = new GroupsState(() => this.#transport);
  /** The zone that times in the filter are meant in. */
  zone: () => string = () => 'UTC';

  readonly #pages = new QueuePages((page) => this.#fetch(page));
  readonly list = new QueueList(this.view, this.#pages, this.groups);
  readonly summary: QueueSummary;
  readonly selectedIndex = $derived(this.selectedId === null ? -1 : this.list.indexOf(this.selectedId));
  readonly selectedGroup = $derived(this.view.group === null ? null : this.groups.groupOf(this.selectedId));
  /** The alert in view; of a group, its most severe one. */
  readonly selected = $derived(this.list.rowAt(this.selectedIndex) ?? this.selectedGroup?.top ?? null);
  /** Rows that rose above the selected one by themselves, the highest first. */
  readonly risenIds = $derived.by(() => this.#risen.above(this));

  readonly #transport: Transport;
  readonly #risen = new RisenRows();
  readonly #underDecision = new UnderDecision();
  readonly #refreshing = new OneAtATime(() => this.#refreshNow());
  readonly #soon = new AtRest(() => this.refresh(), refreshing);
  #asOf: number | null = null;
  #zoneOfList: string | null = null;
  #generation = 0;
  #summarising: Promise<void> = Promise.resolve();

  constructor(transport: Transport) {
    this.#transport = transport;
    this.summary = new QueueSummary({
      transport,
      pages: this.#pages,
      asked: () => ({ query: this.query, order: this.view.order }),
      watch: () => {
        const generation = this.#generation;
        return () => generation === this.#generation;
      },
      isAhead: () => !this.#underDecision.isEmpty,
      place: () => this.#placeInView(),
      failed: (error) => (this.error = messageOf(error)),
    });
  }

  get counts(): AlertCounts {
    return this.#counts;
  }

  /** Each answer brings them: what follows them is not asked for again where they are the same. */
  set counts(counts: AlertCounts) {
    if (JSON.stringify(counts) !== JSON.stringify(this.#counts)) this.#counts = counts;
  }

  /** Which alerts the list has. */
  get query(): AlertQuery {
    return { tab: this.view.tab, filter: this.view.filter, zone: this.zone(), asOf: this.#asOf };
  }

  /** Loads the list anew, arrivals included. The selection stays where its alert still is. */
  async load(): Promise<void> {
    await this.loadFirst();
    await this.#summarising;
  }

  /**
   * The same, until its first rows are there; how long it is, is found out behind them. `keepsPlace`: where the selected row is gone, the one that
   * took its place is selected. `notesRisen`: what then stands above it rose by itself.
   */
  async loadFirst(how: { keepsPlace?: boolean; notesRisen?: boolean } = {}): Promise<void> {
    const { keepsPlace = false, notesRisen = keepsPlace } = how;
    const generation = ++this.#generation;
    const wasAt = keepsPlace ? this.selectedIndex : -1;
    const place = this.#placeInView();
    const noteRisen = this.#risen.watch(() => this);
    if (!notesRisen) this.#risen.clear();
    if (this.list.rowCount === 0) this.phase = 'loading';
    const saved = this.#underDecision.savedKinds();
    const { zone } = this.query;
    try {
      const first = await this.#transport.request('alerts.list', {
        ...this.query,
        asOf: null,
        order: this.view.order,
        limit: pageSize,
      });
      if (generation !== this.#generation) return;
      this.#asOf = first.newest;
      this.#zoneOfList = zone;
      this.counts = first.counts;
      const rows = this.#keep(first.rows);
      const isFar = place !== null && first.nextCursor !== null && comparePlaces(place, first.nextCursor) > 0;
      if (isFar) await this.#beginAround(rows, first.nextCursor, place);
      else this.#pages.begin(rows, first.nextCursor);
      if (generation !== this.#generation) return;
      this.arrivals.forget();
      if (this.view.group !== null) await this.groups.load(this.query, this.view.order, this.view.group);
      if (generation !== this.#generation) return;
      this.#underDecision.shown(saved);
      this.phase = 'ready';
      this.error = null;
      if (this.selectedIndex < 0) {
        const behind = isFar && keepsPlace ? this.#firstBehind(place) : undefined;
        if (behind) this.selectedId = behind.id;
        else this.#selectAt(Math.min(Math.max(0, wasAt), this.list.rowCount - 1));
      }
      if (notesRisen) noteRisen();
      if (isFar) return;
      this.#summarising = this.summary.look();
    } catch (error) {
      if (generation !== this.#generation) return;
      if (this.list.rowCount === 0) this.phase = 'failed';
      this.error = messageOf(error);
    }
  }

  async setView(choice: Partial<ListChoice>): Promise<void> {
    this.targets.ticks.clear();
    if (this.view.choose(choice)) {
      this.list.clear();
      this.selectedId = null;
      this.phase = 'loading';
    }
    await this.load();
  }

  /** Called with the rows on screen, loaded or not. */
  reachedRows(first: number, end: number): Promise<void> {
    if (this.view.group !== null) return Promise.resolve();
    return this.#pages.reached(first, end).catch((error: unknown) => {
      this.error = messageOf(error);
    });
  }

  /** Asks again for what is on screen. Rows that left go, changed rows change, new ones are counted as waiting. */
  refresh(): Promise<void> {
    return this.#refreshing.run();
  }

  /** The same, when no verdict was struck for a moment. */
  refreshSoon(): Promise<void> {
    return this.#soon.wish();
  }

  async #refreshNow(): Promise<void> {
    const generation = this.#generation;
    try {
      if (this.#asOf === null || this.list.rowCount === 0) return await this.load();
      const wasAt = this.selectedIndex;
      const saved = this.#underDecision.savedKinds();
      const noteRisen = this.#risen.watch(() => this);
      if (this.view.group === null)
        await this.#pages.refresh(
          () => this.selectedIndex,
          (rows) => this.#keep(rows),
        );
      else await this.groups.load(this.query, this.view.order, this.view.group);
      if (generation !== this.#generation) return;
      this.#underDecision.shown(saved);
      // Before anything else is waited for: a key struck meanwhile must find an alert.
      if (this.selectedIndex < 0) {
        const isThere = this.#selectAt(Math.min(Math.max(0, wasAt), this.list.rowCount - 1));
        // So much left that what stands there now is not loaded: page after page would be found empty, and no key an alert meanwhile.
        if (!isThere && this.list.rowCount > 0) await this.loadFirst();
        if (wasAt >= 0) this.forcedAt = performance.now();
        if (!isThere) return;
      }
      // What is asked next has an order of its own, that changes with each verdict.
      if (this.view.tab !== 'teach') noteRisen();
      const { count } = await this.#transport.request('alerts.count_new', { ...this.query, newerThan: this.#asOf });
      if (generation !== this.#generation) return;
      this.arrivals.setWaiting(count);
      this.error = null;
      // An empty list has no row that could move: what arrives is simply shown.
      if (this.list.rowCount === 0 && count > 0) await this.load();
      else this.summary.lookSoon();
    } catch (error) {
      if (generation !== this.#generation) return;
      this.error = messageOf(error);
    }
  }

  /** Rows leave, or come, that no key of the analyst's decided: it is said, and the list is counted again at once. */
  async thresholdMoved(openMoved: number): Promise<void> {
    if (openMoved === 0) return;
    this.moved.add(openMoved);
    await this.refreshSoon();
    if (this.view.group === null) await this.summary.look();
  }

  /** To the highest of those that rose. */
  moveToRisen(): void {
    const [first] = this.risenIds;
    if (first !== undefined) this.selectedId = first;
  }

  /** Lets the arrivals in. The selected row keeps its place on screen: the list view anchors on it. */
  async showArrivals(): Promise<void> {
    const before = this.#asOf ?? 0;
    await this.loadFirst({ keepsPlace: true, notesRisen: false });
    await this.#summarising;
    for (const row of this.list.rows) if (row.number > before) this.arrivals.letIn.add(row.id);
  }

  /** The times that the filter names are others in another zone. */
  async zoneChanged(): Promise<void> {
    const hasTime = parseFilter(this.view.filter).filter.some(({ kind }) => kind === 'time');
    if (hasTime && this.#zoneOfList !== null && this.#zoneOfList !== this.zone()) await this.load();
  }

  /** Shows the alert and selects it, wherever in the list it stands. False: it is not in the list. */
  async reveal(row: Pick<AlertRow, 'id' | 'place'>): Promise<boolean> {
    if (this.view.group === null) await this.#pages.loadPlace(row.place[this.view.order]);
    if (this.list.indexOf(row.id) < 0) return false;
    this.selectedId = row.id;
    return true;
  }

  select(id: string | null): void {
    this.selectedId = id;
  }

  async move(step: number): Promise<void> {
    if (this.list.rowCount === 0) return;
    const from = this.selectedIndex < 0 ? (step > 0 ? -1 : this.list.rowCount) : this.selectedIndex;
    await this.moveTo(from + step);
  }

  async moveTo(index: number): Promise<void> {
    const to = Math.min(this.list.rowCount - 1, Math.max(0, index));
    if (!this.#selectAt(to)) {
      await this.#pages.loadRows(to, to + 1);
      this.#selectAt(to);
    }
  }

  moveToEnd(): Promise<void> {
    return this.moveTo(this.list.rowCount - 1);
  }

  /** What a verdict on the alert in view most likely leads to; null where that is not loaded. */
  upcoming(): AlertRow | null {
    const { selected } = this;
    if (!selected) return null;
    if (this.staysDecided) return this.list.rowAt(this.selectedIndex + 1) ?? null;
    return this.#nextWithout(new Set([selected.id]), selected.signature) ?? null;
  }

  /** The rows of this list stay where they are when they are decided. */
  get staysDecided(): boolean {
    return this.view.group !== null || this.view.tab === 'decided' || this.view.tab === 'all';
  }

  /** Those alike are likely folded under the verdict, and so are those alike the ones before whose verdicts the list does not show yet. */
  #nextWithout(gone: ReadonlySet<string>, alike: string | null): AlertRow | undefined {
    return nextAlert(
      this.list,
      this.selectedIndex,
      gone,
      (kind) => kind === alike || this.#underDecision.mayLeave(kind),
    );
  }

  /** Takes rows out because a verdict is on its way, and selects the next one that stays. */
  takeOut(ids: readonly string[], alike: string | null = null): void {
    const gone = new Set(ids);
    this.#soon.postpone();
    this.#underDecision.begin(gone, alike, this.#listName);
    for (const id of gone) this.targets.ticks.ticked.delete(id);
    if (this.staysDecided) {
      void this.move(1);
      return;
    }
    const at = this.selectedIndex;
    const next = this.#nextWithout(gone, alike);
    const before = this.list.rows.findLast((row) => !gone.has(row.id) && this.list.indexOf(row.id) < at);
    this.selectedId = (next ?? before)?.id ?? null;
    this.#pages.change((rows) => rows.filter((row) => !gone.has(row.id)));
    void this.#fill();
  }

  /** The verdict is saved: pages may be trusted about this alert again. */
  settle(id: string, counts: AlertCounts): void {
    this.#underDecision.saved(id);
    this.counts = counts;
    this.summary.lookSoon();
  }

  /** The verdict was not saved: the row comes back to its place and is selected, where the list is the one that it left. */
  putBack(row: AlertRow): void {
    if (this.#underDecision.failed(row) !== this.#listName) return void this.refreshSoon();
    const { order } = this.view;
    const place = row.place[order];
    if (this.view.group === null && this.list.indexOf(row.id) < 0) {
      this.#pages.changeAt(place, (rows) => {
        if (this.view.tab === 'teach') return [row, ...rows];
        const at = rows.findIndex((other) => comparePlaces(place, other.place[order]) < 0);
        return rows.toSpliced(at < 0 ? rows.length : at, 0, row);
      });
    }
    this.selectedId = row.id;
    this.forcedAt = performance.now();
  }

  /** Begins with the page of the selected alert, far down: it stays selected, and no row on screen goes blank. */
  async #beginAround(rows: readonly AlertRow[], until: string | null, place: string): Promise<void> {
    const pages = await this.summary.askPages();
    if (pages) await this.#pages.beginAround({ after: null, until, rows, length: rows.length }, pages, place);
  }

  /** Of the selected alert in the order of the list; null where it has none. */
  #placeInView(): string | null {
    const { tab, group, order } = this.view;
    return tab === 'teach' || group !== null ? null : (this.selected?.place[order] ?? null);
  }

  #firstBehind(place: string): AlertRow | undefined {
    const { order } = this.view;
    return this.list.rows.find((row) => comparePlaces(row.place[order], place) >= 0) ?? this.list.rows.at(-1);
  }

  get #listName(): string {
    const { tab, filter, group } = this.view;
    return JSON.stringify([tab, filter, group]);
  }

  #selectAt(index: number): boolean {
    const id = this.list.idAt(index);
    if (id === undefined) return false;
    this.selectedId = id;
    return true;
  }

  #keep(rows: readonly AlertRow[]): AlertRow[] {
    return this.staysDecided ? [...rows] : rows.filter((row) => !this.#underDecision.has(row.id));
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
    const request = { ...this.query, order: this.view.order, after, until, limit: mostRowsOfPage };
    const found = await this.#transport.request('alerts.list', request);
    this.counts = found.counts;
    const settled = settledRows(this.#keep(found.rows), this.list);
    // What is worth asking changes with each verdict: what is asked already stays where it is, until the list is loaded anew.
    const rows = this.view.tab === 'teach' ? inOrderOf(this.list, settled) : settled;
    // The page that stood for a rest not looked at yet ends where its rows end, and another stands for what is behind.
    const cut = until === null && found.nextCursor !== null;
    return { after, until: cut ? found.nextCursor : until, rows, length: rows.length };
  }
}
