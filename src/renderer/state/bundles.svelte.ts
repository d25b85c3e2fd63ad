/** @file Bundles of cases: one on its way in, what it holds before it is read in, and an alert that came with one. */
import type { BundledAlert, BundleFile, BundlePreview } from '../../shared/bundle.ts';
import { bundleEnding } from '../../shared/bundle.ts';
import type { CaseRow } from '../../shared/cases.ts';
import type { ChosenFile } from '../../shared/sources.ts';
import type { Transport } from '../transport/transport.ts';
import { isCancelled, messageOf } from './problems.ts';
import { Remote } from './remote.svelte.ts';

export class BundleState {
  /** The file that is looked at; null: none was chosen yet. */
  name = $state<string | null>(null);
  /** Of it that was sent; null where nothing is being sent. */
  sentShare = $state<number | null>(null);
  preview = $state.raw<BundlePreview | null>(null);
  error = $state<string | null>(null);
  isImporting = $state(false);
  isExporting = $state(false);
  readonly alert: Remote<BundledAlert>;
  #alertId: string | null = null;
  #token: string | null = null;
  #round = 0;
  #aborter = new AbortController();
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.alert = new Remote(() => {
      if (this.#alertId === null) throw new Error('No alert is in view.');
      return transport.request('bundles.alert', { alertId: this.#alertId });
    });
  }

  /** Dropped on the window, a file of this name is a case and no log. */
  static isBundle({ name }: { name: string }): boolean {
    return name.toLowerCase().endsWith(`.${bundleEnding}`);
  }

  /** By the host's own dialog. False: the user closed it. */
  async choose(): Promise<boolean> {
    const [file] = await this.#transport.request('files.choose', {});
    if (!file) return false;
    await this.#look(file.name, () => Promise.resolve(file));
    return true;
  }

  take(file: File): Promise<void> {
    return this.#look(file.name, (signal) => this.#offer(file, signal));
  }

  /** Gives up the one that is looked at. */
  leave(): void {
    this.#aborter.abort();
    this.#round++;
    this.name = null;
    this.sentShare = null;
    this.preview = null;
    this.error = null;
    this.#token = null;
  }

  /** Null where it was not read in; `error` says why. */
  async import(): Promise<CaseRow | null> {
    if (this.#token === null || this.isImporting) return null;
    this.isImporting = true;
    this.error = null;
    try {
      return await this.#transport.request('bundles.import', { token: this.#token });
    } catch (error) {
      this.error = messageOf(error);
      return null;
    } finally {
      this.isImporting = false;
    }
  }

  async export(caseId: string): Promise<BundleFile> {
    this.isExporting = true;
    try {
      return await this.#transport.request('bundles.export', { caseId });
    } finally {
      this.isExporting = false;
    }
  }

  async showAlert(alertId: string): Promise<void> {
    this.#alertId = alertId;
    this.alert.put(null);
    await this.alert.load();
  }

  async #look(name: string, offer: (signal: AbortSignal) => Promise<ChosenFile>): Promise<void> {
    this.leave();
    this.#aborter = new AbortController();
    const round = this.#round;
    this.name = name;
    try {
      const { token } = await offer(this.#aborter.signal);
      if (round !== this.#round) return;
      this.sentShare = null;
      this.#token = token;
      const preview = await this.#transport.request('bundles.preview', { token });
      if (round === this.#round) this.preview = preview;
    } catch (error) {
      if (round === this.#round && !isCancelled(error)) this.error = messageOf(error);
    }
  }

  #offer(file: File, signal: AbortSignal): Promise<ChosenFile> {
    const { offerFile, uploadFile } = this.#transport;
    if (offerFile) return offerFile.call(this.#transport, file);
    if (!uploadFile) throw new Error('This host takes no files.');
    this.sentShare = 0;
    return uploadFile.call(this.#transport, file, (share) => (this.sentShare = share), signal);
  }
}
