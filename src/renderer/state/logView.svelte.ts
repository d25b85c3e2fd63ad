/**
 * @file The events of one source by their place in it. Pages come as they are scrolled to and the oldest go, so that memory does not grow
 * with the file. Blank lines are no events and have no row.
 */
import type { LogLine } from '../../shared/sources.ts';
import type { Transport } from '../transport/transport.ts';
import { messageOf } from './problems.ts';

export const linesPerPage = 200;
const keptPages = 40;

type Page = readonly LogLine[];

export class LogView {
  readonly sourceId: number;
  /** 0-based row of the selected line. */
  selectedRow = $state(0);
  error = $state<string | null>(null);
  readonly #transport: Transport;
  readonly #pages = new Map<number, Page>();
  readonly #loading = new Set<number>();
  readonly #stale = new Set<number>();
  /** Pages are kept outside of reactive state; this says that one of them came. */
  #version = $state(0);
  #wanted: readonly number[] = [];

  constructor(transport: Transport, sourceId: number) {
    this.#transport = transport;
    this.sourceId = sourceId;
  }

  /** undefined: not loaded yet; null: there is no such row. */
  lineAt(row: number): LogLine | null | undefined {
    void this.#version;
    const page = this.#pages.get(Math.floor(row / linesPerPage));
    return page ? (page[row % linesPerPage] ?? null) : undefined;
  }

  /** The event of a row as far as it can be shown: lists are cut, this is not. */
  async whole(row: number): Promise<LogLine | null> {
    const input = { sourceId: this.sourceId, firstRow: row, limit: 1, isWhole: true };
    return (await this.#transport.request('logs.rows', input))[0] ?? null;
  }

  async rowOf(lineNumber: number): Promise<number> {
    return (await this.#transport.request('logs.row_of', { sourceId: this.sourceId, lineNumber })).row;
  }

  /** Rows on screen now, first and one past the last. Only what is still on screen when its turn comes is fetched. */
  want(first: number, end: number): void {
    if (end <= first) return;
    const from = Math.floor(first / linesPerPage);
    const to = Math.floor((end - 1) / linesPerPage);
    this.#wanted = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    void this.#fetchWanted();
  }

  forget(): void {
    this.#pages.clear();
    this.#version += 1;
    void this.#fetchWanted();
  }

  /** There may be more lines: pages that were not full are shown as they are until they came again. */
  grow(): void {
    for (const [number, page] of this.#pages) if (page.length < linesPerPage) this.#stale.add(number);
    void this.#fetchWanted();
  }

  async #fetchWanted(): Promise<void> {
    if (this.#loading.size > 0) return;
    const missing = this.#wanted.find((page) => !this.#pages.has(page) || this.#stale.has(page));
    if (missing === undefined) return;
    this.#loading.add(missing);
    this.#stale.delete(missing);
    try {
      const input = { sourceId: this.sourceId, firstRow: missing * linesPerPage, limit: linesPerPage };
      this.#keep(missing, await this.#transport.request('logs.rows', input));
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
      return;
    } finally {
      this.#loading.delete(missing);
    }
    await this.#fetchWanted();
  }

  #keep(number: number, page: Page): void {
    this.#pages.set(number, page);
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= keptPages) break;
      if (!this.#wanted.includes(oldest)) this.#pages.delete(oldest);
      else break;
    }
    this.#version += 1;
  }
}
