/** @file The sources, which of them is read, and the search over their lines. */
import type { ChosenFile, LogLine, Source, Watch } from '../../shared/sources.ts';
import type { FormatId } from '../../shared/lines.ts';
import type { Transport } from '../transport/transport.ts';
import { LogView } from './logView.svelte.ts';
import { messageOf } from './problems.ts';
import { Remote } from './remote.svelte.ts';

export type FoundLine = LogLine & { sourceName: string };
const matchesPerPage = 200;

export class LogsState {
  readonly sources: Remote<Source[]>;
  readonly watches: Remote<Watch[]>;
  /** Chosen to be followed; which of its files is still asked. */
  folder = $state.raw<ChosenFile | null>(null);
  selectedId = $state<number | null>(null);
  view = $state.raw<LogView | null>(null);
  searchText = $state('');
  /** All logs instead of the one in view. */
  searchesAll = $state(false);
  /** Null: no search is shown. */
  matches = $state.raw<readonly FoundLine[] | null>(null);
  isIndexed = $state(true);
  hasMore = $state(false);
  isSearching = $state(false);
  searchError = $state<string | null>(null);
  /** A line to centre on; the number changes even when the same line is asked for twice. */
  jump = $state.raw<{ row: number } | null>(null);
  /** Rows on screen, for paging by keys; the viewer says. */
  pageRows = 20;
  readonly list = $derived.by(() => this.sources.value ?? []);
  readonly watchList = $derived.by(() => this.watches.value ?? []);
  readonly selected = $derived(this.list.find((source) => source.id === this.selectedId) ?? null);
  /** The line that is looked at. */
  readonly chosenLine = $derived(this.view?.lineAt(this.view.selectedRow) ?? null);
  readonly #transport: Transport;
  #searchGeneration = 0;
  /** Of two lines that are asked for, the later is jumped to. */
  #jumps = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.sources = new Remote(() => transport.request('sources.list', {}));
    this.watches = new Remote(() => transport.request('watch.list', {}));
  }

  async load(): Promise<void> {
    const before = this.selected;
    await Promise.all([this.sources.load(), this.watches.load()]);
    const { selected, view } = this;
    if (selected === null) this.select(this.list.at(-1)?.id ?? null);
    else if (view) {
      view.grow();
      // Who looks at the last line of a log that grows goes on looking at the last line.
      const isAtEnd = before?.id === selected.id && before.eventCount > 0 && view.selectedRow === before.eventCount - 1;
      if (isAtEnd && selected.live !== null) view.selectedRow = selected.eventCount - 1;
    }
  }

  select(id: number | null): void {
    if (id === this.selectedId && this.view) return;
    this.selectedId = id;
    this.view = id === null ? null : new LogView(this.#transport, id);
    this.jump = null;
    if (!this.searchesAll) this.clearSearch();
  }

  /** Shows a line by its number in the file; of an event of several lines, all of it. */
  async open(sourceId: number, lineNumber: number): Promise<void> {
    this.select(sourceId);
    const view = this.view;
    if (!view) return;
    const jump = ++this.#jumps;
    try {
      const row = await view.rowOf(lineNumber);
      if (view !== this.view || jump !== this.#jumps) return;
      view.selectedRow = row;
      this.jump = { row };
    } catch (error) {
      if (jump === this.#jumps) view.error = messageOf(error);
    }
  }

  moveLine(rows: number): void {
    if (!this.view || !this.selected) return;
    const to = this.view.selectedRow + rows;
    this.view.selectedRow = Math.max(0, Math.min(this.selected.eventCount - 1, to));
  }

  /** Follows a file, or with a pattern the files of a folder. */
  async follow(token: string, options: { format?: FormatId; pattern?: string }): Promise<Watch> {
    const watch = await this.#transport.request('watch.start', { token, ...options });
    await this.load();
    return watch;
  }

  async setWatch({ id }: Watch, state: Watch['state']): Promise<void> {
    const verb = { following: 'watch.resume', paused: 'watch.pause', stopped: 'watch.stop' } as const;
    await this.#transport.request(verb[state], { watchId: id });
    await this.load();
  }

  async chooseFolder(): Promise<boolean> {
    this.folder = await this.#transport.request('watch.choose_folder', {});
    return this.folder !== null;
  }

  /** Takes a log with its lines out of the workspace. Refused while its alerts are decided or in a case. */
  async remove(sourceId: number): Promise<void> {
    await this.#transport.request('sources.delete', { sourceId });
    this.clearSearch();
    await this.load();
  }

  async search(isContinued = false): Promise<void> {
    const text = this.searchText.trim();
    if (text === '') return this.clearSearch();
    const generation = ++this.#searchGeneration;
    this.isSearching = true;
    this.searchError = null;
    const known = isContinued ? (this.matches ?? []) : [];
    const scope = this.searchesAll || this.selectedId === null ? {} : { sourceId: this.selectedId };
    try {
      const found = await this.#transport.request('logs.search', {
        ...scope,
        text,
        afterEventId: known.at(-1)?.eventId ?? 0,
        limit: matchesPerPage,
      });
      if (generation !== this.#searchGeneration) return;
      this.matches = [...known, ...found.lines];
      this.isIndexed = found.isIndexed;
      this.hasMore = found.lines.length === matchesPerPage;
    } catch (error) {
      if (generation !== this.#searchGeneration) return;
      this.matches = known; // so that why it failed has a place
      this.searchError = messageOf(error);
    } finally {
      if (generation === this.#searchGeneration) this.isSearching = false;
    }
  }

  clearSearch(): void {
    this.#searchGeneration += 1;
    this.matches = null;
    this.hasMore = false;
    this.isSearching = false;
    this.searchError = null;
  }
}
