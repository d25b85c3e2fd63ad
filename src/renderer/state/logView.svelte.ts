/**
 * @file The lines of one source by line number. Pages come by keyset as they are scrolled to and the oldest go, so that memory does
 * not grow with the file. Blank lines are no events: a loaded page without a number is a blank line.
 */
import type { LogLine } from '../../shared/domain.ts';
import type { Transport } from '../transport/transport.ts';
import { messageOf } from './problems.ts';

export const linesPerPage = 200;
const keptPages = 40;

type Page = { lines: ReadonlyMap<number, LogLine> };

export class LogView {
  readonly sourceId: number;
  /** 0-based row of the selected line. */
  selectedRow = $state(0);
  error = $state<string | null>(null);
  readonly #transport: Transport;
  readonly #pages = new Map<number, Page>();
  readonly #loading = new Set<number>();
  /** Pages are kept outside of reactive state; this says that one of them came. */
  #version = $state(0);
  #wanted: readonly number[] = [];

  constructor(transport: Transport, sourceId: number) {
    this.#transport = transport;
    this.sourceId = sourceId;
  }

  /** undefined: not loaded yet; null: a blank line. */
  lineAt(row: number): LogLine | null | undefined {
    void this.#version;
    const page = this.#pages.get(Math.floor(row / linesPerPage));
    return page ? (page.lines.get(row + 1) ?? null) : undefined;
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

  async #fetchWanted(): Promise<void> {
    if (this.#loading.size > 0) return;
    const missing = this.#wanted.find((page) => !this.#pages.has(page));
    if (missing === undefined) return;
    this.#loading.add(missing);
    try {
      const after = missing * linesPerPage;
      const input = { sourceId: this.sourceId, afterLine: after, limit: linesPerPage };
      const lines = await this.#transport.request('logs.read', input);
      const inPage = lines.filter((line) => line.lineNumber <= after + linesPerPage);
      this.#keep(missing, { lines: new Map(inPage.map((line) => [line.lineNumber, line])) });
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
