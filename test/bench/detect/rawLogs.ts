/** @file Raw lines to kinds and sessions by the app's own import, into one workspace: what was learned is frozen, as a model freezes it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Recency } from '../../../src/main/detect/streams/recency.ts';
import { kindKey, readKeyTable, type KeyTable } from '../../../src/main/learn/keyTable.ts';
import type { TemplateRecord } from '../../../src/main/store/protocol/sources.ts';
import { importLog, openApp, type TestApp } from '../../helpers/app.ts';
import type { BenchSession } from './sessions.ts';

export class RawLogs {
  readonly #app: TestApp;
  readonly #folder: string;
  #count = 0;

  private constructor(app: TestApp, folder: string) {
    this.#app = app;
    this.#folder = folder;
  }

  /** Does `work` with an empty workspace, which is gone afterwards. */
  static async use<T>(work: (logs: RawLogs) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'surprisal-detect-'));
    try {
      const app = await openApp(join(folder, 'workspace'));
      try {
        return await work(new RawLogs(app, folder));
      } finally {
        await app.close();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Kind of each line, -1 where the app makes it part of another line's event; and whether it came shortly before. */
  async kindsOf(lines: readonly string[]): Promise<{ kinds: Int32Array; isRepeat: boolean[] }> {
    const table = await this.#read(lines);
    const kinds = new Int32Array(lines.length).fill(-1);
    const isRepeat = new Array<boolean>(lines.length).fill(false);
    const recency = new Recency<number>();
    table.lineNumbers.forEach((line, row) => {
      const kind = kindAt(table, row);
      kinds[line - 1] = kind;
      isRepeat[line - 1] = !recency.isNews(kind, row);
    });
    return { kinds, isRepeat };
  }

  /** The same of a file, however large; as many as its lines that are no blank ones at its end. */
  async kindsOfFile(path: string): Promise<Int32Array> {
    const table = await this.#readFile(path);
    const kinds = new Int32Array(table.lineNumbers.reduce((most, line) => Math.max(most, line), 0)).fill(-1);
    table.lineNumbers.forEach((line, row) => (kinds[line - 1] = kindAt(table, row)));
    return kinds;
  }

  /** Sessions as the app finds them, in the order of their first lines. */
  async sessionsOf(lines: readonly string[], isThreat: (line: number) => boolean): Promise<BenchSession[]> {
    const table = await this.#read(lines);
    const { rows, offsets, isOpen } = table.sessions;
    const recency = new Recency<number>();
    const repeats = Array.from(table.eventIds, (_, row) => !recency.isNews(kindAt(table, row), row));
    return Array.from({ length: offsets.length - 1 }, (_, session): BenchSession => {
      const own = [...rows.subarray(offsets[session], offsets[session + 1])];
      const places = own.map((row) => (table.lineNumbers[row] ?? 1) - 1);
      return {
        keys: own.map((row) => kindAt(table, row)),
        lines: places.map((place) => lines[place] ?? ''),
        isRepeat: own.map((row) => repeats[row] ?? false),
        isThreat: places.some(isThreat),
        hasBegin: true,
        hasEnd: !isOpen[session],
      };
    });
  }

  /** What was read so far is learned: its templates change no more. */
  async freeze(): Promise<void> {
    const { services } = this.#app.app.parts;
    const indexes = Int32Array.from((await this.templates()).keys());
    const importer = await services.importer();
    await importer.call('freeze', { indexes, actor: await services.actor() });
  }

  /** By index, all that were read so far. */
  async templates(): Promise<Map<number, TemplateRecord>> {
    const templates = await this.#app.app.parts.services.store.call('list_templates', undefined);
    return new Map(templates.map((template) => [template.index, template]));
  }

  async #read(lines: readonly string[]): Promise<KeyTable> {
    const path = join(this.#folder, `${this.#count++}.log`);
    await writeFile(path, `${lines.join('\n')}\n`);
    return this.#readFile(path);
  }

  async #readFile(path: string): Promise<KeyTable> {
    const sourceId = await importLog(this.#app, path);
    return readKeyTable(this.#app.app.parts.services.store, sourceId, new AbortController().signal);
  }
}

function kindAt({ templateIndexes, severities }: KeyTable, row: number): number {
  return kindKey(templateIndexes[row] ?? 0, severities[row] ?? -1);
}
