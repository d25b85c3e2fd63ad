/** @file Classifiers of windows: the list, the one that is looked at, its windows, and the window that is explained. */
import type { ClassifiedWindow, Classifier, WindowExplanation, WindowPart } from '../../shared/classify.ts';
import type { ChosenFile } from '../../shared/sources.ts';
import { fromBase64, type KeptFile } from '../lib/download.ts';
import type { Transport } from '../transport/transport.ts';
import { messageOf } from './problems.ts';
import { Remote } from './remote.svelte.ts';

export class ClassifiersState {
  readonly all: Remote<Classifier[]>;
  selectedId = $state<string | null>(null);
  part = $state<WindowPart>('test');
  count = $state(20);
  index = $state(0);
  layer = $state(0);
  head = $state(0);
  /** Of the selected classifier; null until it was asked for. */
  windows = $state.raw<ClassifiedWindow[] | null>(null);
  explained = $state.raw<WindowExplanation | null>(null);
  isBusy = $state(false);
  /** What went wrong with what was asked for last. */
  problem = $state<string | null>(null);
  readonly newestFirst = $derived.by(() => (this.all.value ?? []).toReversed());
  readonly selected = $derived(
    this.newestFirst.find(({ id }) => id === this.selectedId) ?? this.newestFirst[0] ?? null,
  );
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.all = new Remote(() => transport.request('classifiers.list', {}));
  }

  select(id: string): void {
    if (id === this.selected?.id) return;
    this.selectedId = id;
    [this.windows, this.explained, this.problem, this.index] = [null, null, null, 0];
  }

  show(part: WindowPart): void {
    this.part = part;
    [this.windows, this.explained, this.index] = [null, null, 0];
  }

  /** An archive, and with it a file of templates. */
  trainFiles(files: readonly ChosenFile[]): Promise<void> {
    return this.#asking(async () => {
      const archive = files.find(({ name }) => /\.npz$/i.test(name));
      if (!archive) throw new Error('None of the files is an .npz archive.');
      const templates = files.find((file) => file !== archive);
      const asked = { token: archive.token, templatesToken: templates?.token ?? null };
      this.#begun((await this.#transport.request('classifiers.train_file', asked)).classifierId);
    });
  }

  /** By the host's own dialog. */
  chooseFiles(): Promise<void> {
    return this.#asking(async () => {
      const files = await this.#transport.request('files.choose', {});
      if (files.length > 0) await this.trainFiles(files);
    });
  }

  /** Files of the page: main reads them where they lie, or they are sent. */
  sendFiles(files: readonly File[]): Promise<void> {
    return this.#asking(async () => {
      const { offerFile, uploadFile } = this.#transport;
      const offered: ChosenFile[] = [];
      for (const file of files) {
        if (offerFile) offered.push(await offerFile.call(this.#transport, file));
        else if (uploadFile) offered.push(await uploadFile.call(this.#transport, file, () => undefined));
      }
      if (offered.length > 0) await this.trainFiles(offered);
    });
  }

  trainVerdicts(length: number): Promise<void> {
    return this.#asking(async () =>
      this.#begun((await this.#transport.request('classifiers.train_verdicts', { length })).classifierId),
    );
  }

  /** What speaks against it is what its job ends with. */
  use(): Promise<void> {
    return this.#asking(async () => {
      if (this.selected) await this.#transport.request('classifiers.use', { classifierId: this.selected.id });
    });
  }

  withdraw(): Promise<void> {
    return this.#asking(async () => {
      await this.#transport.request('classifiers.drop', {});
      await this.all.load();
    });
  }

  evaluate(): Promise<void> {
    return this.#asking(async () => {
      const { selected, part, count } = this;
      if (!selected) return;
      const asked = { classifierId: selected.id, part, count };
      const windows = await this.#transport.request('classifiers.evaluate', asked);
      if (this.#isInView(asked)) this.windows = windows;
    });
  }

  explain(index: number): Promise<void> {
    return this.#asking(async () => {
      const { selected, part } = this;
      if (!selected) return;
      const asked = { classifierId: selected.id, part, index };
      const explained = await this.#transport.request('classifiers.explain', asked);
      if (this.#isInView(asked)) [this.explained, this.index] = [explained, index];
    });
  }

  firstAnomaly(): Promise<void> {
    return this.#asking(async () => {
      const { selected, part } = this;
      if (!selected) return;
      const asked = { classifierId: selected.id, part };
      const { index } = await this.#transport.request('classifiers.first_anomaly', asked);
      if (!this.#isInView(asked)) return;
      if (index === null) throw new Error('No window of this part is labelled anomalous.');
      await this.explain(index);
    });
  }

  async workbook(): Promise<KeptFile> {
    const classifierId = this.selected?.id ?? '';
    const file = await this.#transport.request('classifiers.export', { classifierId, count: this.count });
    return { ...file, bytes: fromBase64(file.base64) };
  }

  async remove(classifierId: string): Promise<void> {
    this.all.put(await this.#transport.request('classifiers.delete', { classifierId }));
    [this.windows, this.explained] = [null, null];
  }

  /** Another classifier, or part, may have come into view since it was asked for. */
  #isInView({ classifierId, part }: { classifierId: string; part: WindowPart }): boolean {
    return this.selected?.id === classifierId && this.part === part;
  }

  #begun(classifierId: string): void {
    this.select(classifierId);
    void this.all.load();
  }

  async #asking(work: () => Promise<void>): Promise<void> {
    this.problem = null;
    this.isBusy = true;
    try {
      await work();
    } catch (error) {
      this.problem = messageOf(error);
    } finally {
      this.isBusy = false;
    }
  }
}
