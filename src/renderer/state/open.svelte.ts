/** @file Opening logs: files chosen, sent, looked at, imported. The first lines come from the file itself, before anything has been sent. */
import type { ChosenFile, Preview } from '../../shared/sources.ts';
import type { Job } from '../../shared/jobs.ts';
import type { FormatId } from '../../shared/lines.ts';
import { firstLinesOf } from '../lib/firstLines.ts';
import type { Transport } from '../transport/transport.ts';
import { isCancelled, messageOf } from './problems.ts';

export type OpenStage = 'sending' | 'looking' | 'ready' | 'importing' | 'imported' | 'failed';

export class OpenItem {
  readonly name: string;
  readonly sizeBytes: number;
  stage = $state<OpenStage>('sending');
  sentShare = $state(0);
  firstLines = $state.raw<readonly string[]>([]);
  preview = $state.raw<Preview | null>(null);
  /** What the analyst chose; the detected one at first. */
  format = $state<FormatId>('plain');
  error = $state<string | null>(null);
  jobId = $state<string | null>(null);
  readonly aborter = new AbortController();

  constructor(name: string, sizeBytes: number) {
    this.name = name;
    this.sizeBytes = sizeBytes;
  }
}

export class OpenState {
  items = $state.raw<readonly OpenItem[]>([]);
  current = $state.raw<OpenItem | null>(null);
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Those that wait for a word. */
  get ready(): readonly OpenItem[] {
    return this.items.filter(({ stage }) => stage === 'ready');
  }

  /** Files of the page can be opened: main reads them where they lie, or they are sent. */
  get takesFiles(): boolean {
    return this.#transport.offerFile !== undefined || this.#transport.uploadFile !== undefined;
  }

  /** The host's own file dialog. False: the user closed it. */
  async choose(): Promise<boolean> {
    const files = await this.#transport.request('files.choose', {});
    for (const file of files) {
      const item = new OpenItem(file.name, file.sizeBytes);
      this.#add(item);
      void this.#look(item, file);
    }
    return files.length > 0;
  }

  /** Files of the page: dropped, or chosen in the browser's dialog. */
  addFiles(files: readonly File[]): void {
    for (const file of files) {
      const item = new OpenItem(file.name, file.size);
      this.#add(item);
      void this.#read(item, file);
      void this.#send(item, file);
    }
  }

  async import(item: OpenItem, thenScore: boolean): Promise<void> {
    const preview = item.preview;
    if (!preview || item.stage !== 'ready') return;
    item.stage = 'importing';
    try {
      const format = item.format === preview.detected ? {} : { format: item.format };
      const input = { token: preview.file.token, ...format, thenScore };
      const { jobId } = await this.#transport.request('sources.import', input);
      item.jobId = jobId;
      // A small file may have been read before this answer came.
      const jobs = await this.#transport.request('jobs.list', {}).catch(() => []);
      const job = jobs.find((one) => one.id === jobId);
      if (job) this.jobChanged(job);
    } catch (error) {
      item.stage = 'ready';
      item.error = messageOf(error);
    }
  }

  /** Each as what it was taken for, in the order they were chosen. */
  async importAll(thenScore: boolean): Promise<void> {
    for (const item of this.ready) await this.import(item, thenScore);
  }

  /** Looks at the file as another format; what is shown stays until the answer is there. */
  async readAs(item: OpenItem, format: FormatId): Promise<void> {
    if (!item.preview || item.stage !== 'ready') return;
    item.format = format;
    const { token } = item.preview.file;
    try {
      const preview = await this.#transport.request('files.preview', { token, format });
      if (item.format === format) item.preview = preview;
    } catch (error) {
      if (item.format !== format) return;
      item.format = item.preview.format;
      item.error = messageOf(error);
    }
  }

  /** A job that was cancelled gives the file back for another try. */
  jobChanged(job: Job): void {
    const item = this.items.find((one) => one.jobId === job.id);
    if (!item || job.state === 'running') return;
    if (job.state === 'done') {
      item.stage = 'imported';
      return;
    }
    item.error = job.state === 'failed' ? (job.error ?? 'The import failed.') : null;
    item.stage = job.state === 'failed' ? 'failed' : 'ready';
    item.jobId = null;
  }

  remove(item: OpenItem): void {
    item.aborter.abort();
    this.items = this.items.filter((one) => one !== item);
    if (this.current === item) this.current = this.items[0] ?? null;
  }

  /** The next step was taken: what is imported needs no place here any more. */
  forgetImported(): void {
    for (const item of this.items) if (item.stage === 'imported') this.remove(item);
  }

  #add(item: OpenItem): void {
    this.items = [...this.items, item];
    // What was read already does not stand before what was just chosen.
    if (this.current === null || this.current.stage === 'imported') this.current = item;
  }

  async #read(item: OpenItem, file: File): Promise<void> {
    try {
      item.firstLines = await firstLinesOf(file);
    } catch {
      // The upload reads the same file and says what is wrong with it.
    }
  }

  async #send(item: OpenItem, file: File): Promise<void> {
    try {
      const setShare = (share: number): void => {
        item.sentShare = share;
      };
      const offered =
        (await this.#transport.offerFile?.(file)) ??
        (await this.#transport.uploadFile?.(file, setShare, item.aborter.signal));
      if (offered) await this.#look(item, offered);
    } catch (error) {
      if (!isCancelled(error)) this.#fail(item, error);
    }
  }

  async #look(item: OpenItem, file: ChosenFile): Promise<void> {
    item.stage = 'looking';
    try {
      const preview = await this.#transport.request('files.preview', { token: file.token });
      item.preview = preview;
      item.format = preview.format;
      item.stage = 'ready';
    } catch (error) {
      this.#fail(item, error);
    }
  }

  #fail(item: OpenItem, error: unknown): void {
    item.stage = 'failed';
    item.error = messageOf(error);
  }
}
