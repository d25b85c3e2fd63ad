/**
 * @file When the workspace is backed up: at a quiet moment after something changed, or when there was none for long, and on closing; not more than
 * once in some hours. The copy is made by a store thread of its own, so that the queue waits for nothing.
 */
import type { Status } from '../../shared/workspace.ts';
import { toErrorData } from '../../shared/errors.ts';
import { connectPort } from '../../shared/port.ts';
import type { StoreMethods } from '../store/protocol.ts';
import type { Services } from './services.ts';

const leastApartMs = 4 * 3_600_000;
/** Nothing was asked for, and no job ran, for so long. */
const quietMs = 60_000;
/** A log that is followed leaves no quiet moment. */
const longestWaitMs = 900_000;
/** Closing does not keep anybody waiting for a copy larger than this: it takes about a second. */
const largestOnClosingBytes = 128 * 1024 * 1024;

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`;

export class Backups {
  readonly #services: Services;
  readonly #isBusy: () => boolean;
  readonly #changed: () => void;
  #newest: Services['opened']['newestBackup'];
  #problem: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Of the first change that waits for a quiet moment, in milliseconds of a clock that is never set. */
  #waitsSince: number | null = null;
  #running: Promise<void> | undefined;

  /** `changed` hears that the status did. */
  constructor(services: Services, parts: { isBusy: () => boolean; changed: () => void }) {
    this.#services = services;
    this.#isBusy = parts.isBusy;
    this.#changed = parts.changed;
    this.#newest = services.opened.newestBackup;
  }

  get status(): Status['backup'] {
    const newest = this.#newest && {
      name: this.#newest.name,
      madeAt: this.#newest.madeAt,
      sizeBytes: this.#newest.sizeBytes,
    };
    return { newest, problem: this.#problem };
  }

  /** Something was changed: a backup follows when it has been quiet for a while, or never was for long. */
  noteChange(): void {
    const now = performance.now();
    this.#waitsSince ??= now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.#waitsSince = null;
        void this.makeWhenDue();
      },
      Math.max(0, Math.min(quietMs, this.#waitsSince + longestWaitMs - now)),
    );
    this.#timer.unref();
  }

  /** Makes one in a thread of its own unless none is due. What goes wrong is in the status. */
  makeWhenDue(): Promise<void> {
    return (this.#running ??= this.#make(async () => {
      if (this.#isBusy() || !(await this.#isDue())) return;
      const thread = this.#services.startThread('store');
      try {
        await this.#record(connectPort<StoreMethods>(thread.port, 'backup').call('back_up', this.#input()));
      } finally {
        await thread.stop();
      }
    }).finally(() => (this.#running = undefined)));
  }

  /** Nothing else is asked of the store any more: a small workspace is copied by its own thread. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
    await this.#make(async () => {
      const { store } = this.#services;
      const isSmall = (await store.call('size', undefined)).sizeBytes <= largestOnClosingBytes;
      if (isSmall && (await this.#isDue()))
        await this.#record(store.call('back_up', { ...this.#input(), mostAttachedBytes: largestOnClosingBytes }));
    });
  }

  async #make(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#problem = `No backup was made: ${toErrorData(error).message}`;
      this.#changed();
    }
  }

  async #isDue(): Promise<boolean> {
    const { entryCount } = await this.#services.store.call('size', undefined);
    // The first entry is the workspace's own beginning.
    if (!this.#newest) return entryCount > 1;
    // A clock that was set back must not put backups off until it has caught up.
    const isLongAgo = Math.abs(this.#services.host.now() - this.#newest.madeAt) >= leastApartMs;
    return isLongAgo && entryCount !== this.#newest.sequence;
  }

  async #record(making: Promise<StoreMethods['back_up']['output']>): Promise<void> {
    const outcome = await making;
    if (outcome.made) {
      this.#newest = outcome.made;
      const { lacking } = outcome;
      this.#problem = lacking
        ? `The backup lacks ${lacking.count === 1 ? 'the content of an attachment' : `the contents of ${lacking.count} attachments`}: it needs ${megabytes(lacking.neededBytes)} free on the workspace’s disk, and ${megabytes(lacking.freeBytes)} are. Free some space.`
        : null;
    } else {
      const { neededBytes, freeBytes } = outcome;
      this.#problem = `No backup was made: it needs ${megabytes(neededBytes)} free on the workspace’s disk, and ${megabytes(freeBytes)} are. Free some space.`;
    }
    this.#changed();
  }

  #input(): StoreMethods['back_up']['input'] {
    return { directory: this.#services.directory, now: this.#services.host.now() };
  }
}
