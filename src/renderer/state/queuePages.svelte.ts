/**
 * @file The rows of a list of any length, of which only some pages are loaded: what stands where, what is fetched, what changes. Which alerts the
 * list has, and which of them is selected, is its owner's.
 */
import type { AlertRow } from '../../shared/alerts.ts';
import { pageAt, pageOfPlace, pageSize, startsOf, type Page } from '../lib/alertPages.ts';

/** More is asked for when the view comes this close to what is not loaded. */
const readAheadRows = 60;

const mostTries = 3;

/** Where a page begins and ends: what stays the same of it when its rows change. */
const placeOf = ({ after, until }: Page): string => `${after} ${until}`;

/** The pages with those of `loaded` in their places; of two of one place the later. */
function filled(pages: readonly Page[], loaded: readonly Page[]): Page[] {
  const byPlace = new Map(loaded.map((page) => [placeOf(page), page]));
  return pages.map((page) => byPlace.get(placeOf(page)) ?? page);
}

export class QueuePages {
  #pages = $state.raw<readonly Page[]>([]);
  readonly #starts = $derived(startsOf(this.#pages));
  /** Rows of the list, loaded or not. */
  readonly count = $derived(this.#pages.reduce((sum, { length }) => sum + length, 0));
  readonly #indexById = $derived.by(() => {
    const indexes = new Map<string, number>();
    this.#pages.forEach(({ rows }, page) => {
      rows?.forEach(({ id }, place) => indexes.set(id, (this.#starts[page] ?? 0) + place));
    });
    return indexes;
  });
  /** Rows that are there now. */
  readonly rows = $derived(this.#pages.flatMap(({ rows }) => rows ?? []));
  readonly #fetch: (page: Page) => Promise<Page>;
  /** What was asked for of the list before is not put into the one that took its place. */
  #generation = 0;
  #view = { first: 0, end: 0 };
  #filling: Promise<void> | null = null;

  /** `fetch`: gives the page as the host has it now. */
  constructor(fetch: (page: Page) => Promise<Page>) {
    this.#fetch = fetch;
  }

  /** Undefined: not loaded. */
  indexOf(id: string): number | undefined {
    return this.#indexById.get(id);
  }

  /** Undefined: not loaded. */
  rowAt(index: number): AlertRow | undefined {
    const page = pageAt(this.#starts, index);
    return this.#pages[page]?.rows?.[index - (this.#starts[page] ?? 0)];
  }

  clear(): void {
    this.#generation++;
    this.#pages = [];
  }

  /** The list begins with these rows; until the whole of it was looked at, one more page stands for what comes behind `nextCursor`. */
  begin(rows: readonly AlertRow[], nextCursor: string | null): void {
    this.#generation++;
    const page = { after: null, until: nextCursor, rows, length: rows.length };
    const rest = { after: nextCursor, until: null, rows: null, length: pageSize };
    this.#pages = nextCursor === null ? [page] : [page, rest];
  }

  /** The same for a list that is looked at far down, in one step: all its pages, with the first and the one that `place` lies in. */
  async beginAround(first: Page, pages: readonly Page[], place: string): Promise<void> {
    const generation = ++this.#generation;
    const around = pages[pageOfPlace(pages, place)];
    const found = around && (await this.#fetch(around));
    if (generation === this.#generation) this.#pages = filled(pages, [first, ...(found ? [found] : [])]);
  }

  /** Where the pages of the whole list end was found out: rows that are loaded stay, those around `place` are fetched first. */
  async divide(pages: readonly Page[], place: string | undefined): Promise<void> {
    const isWhole = this.#pages.every(({ rows }, index) => rows !== null || index < this.#pages.length - 1);
    if (isWhole && this.count === pages.reduce((sum, { length }) => sum + length, 0)) return;
    const generation = this.#generation;
    // What is looked at is fetched first, so that no row on screen goes blank.
    const around = pages[place === undefined ? 0 : pageOfPlace(pages, place)];
    for (let tries = 0; tries < mostTries; tries++) {
      const before = this.#pages;
      const isLoaded = before.some((page) => page.rows !== null && around && placeOf(page) === placeOf(around));
      const found = around && !isLoaded ? await this.#fetch(around) : undefined;
      if (generation !== this.#generation) return;
      // A verdict, or another look at the rows, may be newer than what was fetched.
      if (before !== this.#pages) continue;
      this.#pages = filled(pages, [...(found ? [found] : []), ...before.filter(({ rows }) => rows !== null)]);
      return;
    }
  }

  /** Changes the rows of all loaded pages. */
  change(change: (rows: readonly AlertRow[]) => readonly AlertRow[]): void {
    this.#changeWhere(change, ({ rows }) => rows !== null);
  }

  /** Changes the rows of the page that a place lies in, where it is loaded. */
  changeAt(place: string, change: (rows: readonly AlertRow[]) => readonly AlertRow[]): void {
    const only = this.#pages[pageOfPlace(this.#pages, place)];
    if (only) this.#changeWhere(change, (page) => page === only);
  }

  /** Called with the rows on screen: loads them, and what is near, until nothing there is missing. The screen may move on meanwhile. */
  reached(first: number, end: number): Promise<void> {
    this.#view = { first, end };
    return this.fill();
  }

  fill(): Promise<void> {
    this.#filling ??= this.#fillNow().finally(() => (this.#filling = null));
    return this.#filling;
  }

  async loadRows(first: number, end: number): Promise<void> {
    for (const page of this.#pagesWith(first, end)) if (page.rows === null) await this.#load(page);
  }

  /** The page that a place lies in, anew. Where its rows were changed while it was on its way, it is asked for once more. */
  async loadPlace(place: string): Promise<void> {
    for (let tries = 0; tries < mostTries; tries++) {
      const page = this.#pages[pageOfPlace(this.#pages, place)];
      if (!page || (await this.#load(page))) return;
    }
  }

  /** Asks again for what is on screen and the page of `selected`; `kept`: what of the rows may be shown by then. False: another list took its place. */
  async refresh(selected: () => number, kept: (rows: readonly AlertRow[]) => readonly AlertRow[]): Promise<boolean> {
    const generation = this.#generation;
    // By place, since a verdict struck meanwhile makes other objects of the pages, and may lead to another page.
    const fresh = new Map<string, Page>();
    for (;;) {
      const missing = this.#neededPages(selected()).find((page) => !fresh.has(placeOf(page)));
      if (!missing) break;
      fresh.set(placeOf(missing), await this.#fetch(missing));
      if (generation !== this.#generation) return false;
    }
    // What is off screen is asked for again when it is looked at.
    this.#pages = this.#pages.map((page) => {
      const found = fresh.get(placeOf(page))?.rows;
      if (!found) return page.rows === null ? page : { ...page, rows: null };
      const rows = kept(found);
      return { ...page, rows, length: rows.length };
    });
    return true;
  }

  async #fillNow(): Promise<void> {
    for (;;) {
      const { first, end } = this.#view;
      const missing = this.#pagesWith(first - readAheadRows, end + readAheadRows).find(({ rows }) => rows === null);
      if (!missing || this.#pages.length === 0) return;
      await this.#load(missing);
    }
  }

  #changeWhere(change: (rows: readonly AlertRow[]) => readonly AlertRow[], isMeant: (page: Page) => boolean): void {
    this.#pages = this.#pages.map((page) => {
      if (page.rows === null || !isMeant(page)) return page;
      const rows = change(page.rows);
      return { ...page, rows, length: rows.length };
    });
  }

  /** Pages on screen, and that of the selection. */
  #neededPages(selected: number): Page[] {
    const { first, end } = this.#view;
    return [...this.#pagesWith(first, end), ...(selected < 0 ? [] : this.#pagesWith(selected, selected + 1))];
  }

  /** Pages that hold rows [first, end). */
  #pagesWith(first: number, end: number): Page[] {
    const from = pageAt(this.#starts, first);
    const to = pageAt(this.#starts, Math.max(first, end - 1));
    return this.#pages.slice(from, to + 1);
  }

  /** False: by now something else stands in the place of that page. */
  async #load(page: Page): Promise<boolean> {
    const generation = this.#generation;
    const fetched = await this.#fetch(page);
    if (generation !== this.#generation || !this.#pages.includes(page)) return false;
    // The page that stood for a rest not looked at yet ends where its rows end, and another stands for what is behind.
    const rest: Page[] =
      fetched.until !== page.until ? [{ after: fetched.until, until: null, rows: null, length: pageSize }] : [];
    this.#pages = this.#pages.flatMap((one) => (one === page ? [fetched, ...rest] : [one]));
    return true;
  }
}
