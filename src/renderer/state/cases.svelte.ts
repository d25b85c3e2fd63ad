/** @file Cases: the list, the one in view and where the keyboard is in it, what the analyst does to it, its report. */
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { CaseTemplate } from '../../shared/caseKinds.ts';
import type { CaseChange, CaseDetail, CaseRow, CaseTask, Suggestion, TaskChange } from '../../shared/cases.ts';
import type { AlertRow } from '../../shared/alerts.ts';
import type { AlertSelection } from '../../shared/actions.ts';
import type { ChosenFile } from '../../shared/sources.ts';
import type { RouteInput, RouteOutput } from '../../shared/routes.ts';
import { everyCase, filteredCases, type CaseFilter } from '../lib/caseFilter.ts';
import type { Transport } from '../transport/transport.ts';
import { messageOf } from './problems.ts';
import { Remote } from './remote.svelte.ts';
import { ReportState } from './report.svelte.ts';

export const caseTabs = ['summary', 'alerts', 'timeline', 'tasks', 'notes', 'attachments', 'report'] as const;
export type CaseTab = (typeof caseTabs)[number];

type Suggested = RouteOutput<'cases.suggestions'>;

export class CasesState {
  readonly rows: Remote<CaseRow[]>;
  readonly templates: Remote<CaseTemplate[]>;
  selectedId = $state<string | null>(null);
  tab = $state<CaseTab>('summary');
  /** Alerts of the case that the next action is for; none: the one at the cursor. */
  readonly ticked = new SvelteSet<string>();
  /** What is typed and not yet a note, by case. */
  readonly #drafts = new SvelteMap<string, string>();
  /** A file on its way: its name, and the share that has been sent. */
  attaching = $state<{ name: string; share: number } | null>(null);
  suggested = $state.raw<Suggested>({ suggestions: [], refusedCount: 0 });
  detail = $state.raw<CaseDetail | null>(null);
  error = $state<string | null>(null);
  readonly report: ReportState;
  #cursor = $state(0);
  /** Of answers about the case in view the one that was asked for last counts. */
  #wanted = 0;
  /** In the tab: over the alerts and then the suggestions, or over the tasks. */
  #place = $state(0);
  filter = $state.raw<CaseFilter>(everyCase);
  readonly all = $derived.by(() => this.rows.value ?? []);
  /** Those that the filter leaves. */
  readonly list = $derived.by(() => filteredCases(this.all, this.filter, this.#now()));
  /** The case that the keyboard is on in the list. */
  readonly atCursor = $derived(this.list[Math.min(this.#cursor, this.list.length - 1)]);
  readonly openCount = $derived(this.all.filter((row) => row.state !== 'closed').length);
  readonly placeCount = $derived.by(() => {
    if (!this.detail) return 0;
    if (this.tab === 'tasks') return this.detail.tasks.length;
    return this.tab === 'alerts' ? this.detail.alerts.length + this.suggested.suggestions.length : 0;
  });
  readonly place = $derived(Math.min(this.#place, this.placeCount - 1));
  readonly alertAtPlace = $derived.by((): AlertRow | null =>
    this.tab === 'alerts' ? (this.detail?.alerts[this.place] ?? null) : null,
  );
  readonly suggestionAtPlace = $derived.by((): Suggestion | null =>
    this.tab === 'alerts' ? (this.suggested.suggestions[this.place - (this.detail?.alerts.length ?? 0)] ?? null) : null,
  );
  readonly taskAtPlace = $derived.by((): CaseTask | null =>
    this.tab === 'tasks' ? (this.detail?.tasks[this.place] ?? null) : null,
  );
  readonly #transport: Transport;
  readonly #now: () => number;

  /** `zone` names the zone on screen: reports keep to it. */
  constructor(transport: Transport, zone: () => string, now: () => number = () => 0) {
    this.#transport = transport;
    this.#now = now;
    this.report = new ReportState(transport, zone);
    this.rows = new Remote(() => transport.request('cases.list', {}));
    this.templates = new Remote(() => transport.request('cases.templates', {}));
  }

  /** Files of the page can be attached: main reads them where they lie, or they are sent. */
  get takesFiles(): boolean {
    return this.#transport.offerFile !== undefined || this.#transport.uploadFile !== undefined;
  }

  /** What is typed and not yet a note of the case: it is there again when the case is. */
  draftOf(caseId: string): string {
    return this.#drafts.get(caseId) ?? '';
  }

  setDraft(caseId: string, text: string): void {
    if (text === '') this.#drafts.delete(caseId);
    else this.#drafts.set(caseId, text);
  }

  /** What an action on alerts is for. */
  get chosenAlertIds(): string[] {
    if (this.ticked.size > 0) return [...this.ticked];
    return this.alertAtPlace ? [this.alertAtPlace.id] : [];
  }

  async load(): Promise<void> {
    await Promise.all([this.rows.load(), this.#refresh()]);
  }

  moveCursor(rows: number): void {
    const from = Math.min(this.#cursor, this.list.length - 1);
    this.#cursor = Math.max(0, Math.min(this.list.length - 1, from + rows));
  }

  movePlace(rows: number): void {
    this.#place = Math.max(0, Math.min(this.placeCount - 1, this.place + rows));
  }

  setPlace(place: number): void {
    this.#place = place;
  }

  tick(alertId: string): void {
    if (!this.ticked.delete(alertId)) this.ticked.add(alertId);
  }

  async show(tab: CaseTab): Promise<void> {
    if (tab !== this.tab) this.#place = 0;
    this.tab = tab;
    await this.#refreshTab();
  }

  async select(id: string | null): Promise<void> {
    if (id !== this.selectedId) {
      this.detail = null;
      // What is taken out of one report says nothing of another.
      void this.report.show(null);
      this.#place = 0;
      this.ticked.clear();
      this.suggested = { suggestions: [], refusedCount: 0 };
    }
    this.selectedId = id;
    const index = this.list.findIndex((row) => row.id === id);
    if (index >= 0) this.#cursor = index;
    await this.#refresh();
  }

  create(title: string, selection: AlertSelection): Promise<CaseRow> {
    return this.#change(async () => {
      const { id: caseId } = await this.#transport.request('cases.create', { title, alertIds: [] });
      return this.#transport.request('cases.add_many', { caseId, selection });
    });
  }

  add(caseId: string, selection: AlertSelection): Promise<CaseRow> {
    return this.#change(() => this.#transport.request('cases.add_many', { caseId, selection }));
  }

  removeAlerts(caseId: string, alertIds: string[]): Promise<CaseRow> {
    return this.#changeAlerts(() => this.#transport.request('cases.remove_alerts', { caseId, alertIds }));
  }

  moveAlerts(caseId: string, intoId: string, alertIds: string[]): Promise<CaseRow> {
    return this.#changeAlerts(() => this.#transport.request('cases.move_alerts', { caseId, intoId, alertIds }));
  }

  split(caseId: string, title: string, alertIds: string[]): Promise<CaseRow> {
    return this.#changeAlerts(() => this.#transport.request('cases.split', { caseId, title, alertIds }));
  }

  async merge(caseId: string, intoId: string): Promise<CaseRow> {
    const into = await this.#transport.request('cases.merge', { caseId, intoId });
    await this.rows.load();
    await this.select(into.id);
    return into;
  }

  update(caseId: string, change: CaseChange): Promise<CaseRow> {
    return this.#change(() => this.#transport.request('cases.update', { caseId, ...change }));
  }

  addNote(caseId: string, text: string): Promise<CaseDetail> {
    return this.#change(() => this.#transport.request('cases.add_note', { caseId, text }));
  }

  addTask(caseId: string, title: string): Promise<CaseDetail> {
    return this.#change(() => this.#transport.request('cases.add_task', { caseId, title }));
  }

  updateTask(caseId: string, taskId: string, change: TaskChange): Promise<CaseDetail> {
    return this.#change(() => this.#transport.request('cases.update_task', { caseId, taskId, ...change }));
  }

  link(caseId: string, otherId: string, isLinked: boolean): Promise<CaseDetail> {
    return this.#change(() => this.#transport.request('cases.link', { caseId, otherId, isLinked }));
  }

  setPhases(caseId: string, phases: RouteInput<'cases.set_phases'>['phases']): Promise<CaseDetail> {
    return this.#change(() => this.#transport.request('cases.set_phases', { caseId, phases }));
  }

  applyTemplate(caseId: string, template: CaseTemplate): Promise<CaseDetail> {
    return this.#change(() => this.#transport.request('cases.apply_template', { caseId, template }));
  }

  /** What the case has to do and is tagged with, under a name; in the place of one of that name. */
  async saveTemplate(name: string, { row, tasks }: CaseDetail): Promise<void> {
    const others = (this.templates.value ?? []).filter((template) => template.name !== name);
    const template = { id: name.slice(0, 64), name, tags: row.tags, tasks: tasks.map(({ title }) => title), note: '' };
    this.templates.put(await this.#transport.request('cases.set_templates', { templates: [...others, template] }));
  }

  async removeTemplate(id: string): Promise<void> {
    const templates = (this.templates.value ?? []).filter((template) => template.id !== id);
    this.templates.put(await this.#transport.request('cases.set_templates', { templates }));
  }

  accept(caseId: string, alertId: string): Promise<CaseRow> {
    return this.add(caseId, { kind: 'ids', ids: [alertId] });
  }

  async refuse(caseId: string, alertId: string): Promise<void> {
    await this.#transport.request('cases.refuse', { caseId, alertIds: [alertId], isRefused: true });
    await this.#refreshTab();
  }

  /** One after the other; each is whole in the workspace before the next begins. */
  async attach(caseId: string, files: readonly File[]): Promise<void> {
    try {
      for (const file of files) {
        this.attaching = { name: file.name, share: 0 };
        const { token } = await this.#offer(file);
        await this.#attachOne(caseId, token);
      }
    } finally {
      this.attaching = null;
    }
  }

  /** By the host's own dialog. */
  async chooseAttachments(caseId: string): Promise<void> {
    for (const { token } of await this.#transport.request('files.choose', {})) await this.#attachOne(caseId, token);
  }

  readAttachment(caseId: string, attachmentId: string): Promise<RouteOutput<'cases.read_attachment'>> {
    return this.#transport.request('cases.read_attachment', { caseId, attachmentId });
  }

  removeAttachment(caseId: string, attachmentId: string): Promise<CaseDetail> {
    return this.#change(() => this.#transport.request('cases.remove_attachment', { caseId, attachmentId }));
  }

  #attachOne(caseId: string, token: string): Promise<CaseDetail> {
    return this.#change(() => this.#transport.request('cases.attach', { caseId, token }));
  }

  #offer(file: File): Promise<ChosenFile> {
    const { offerFile, uploadFile } = this.#transport;
    if (offerFile) return offerFile.call(this.#transport, file);
    if (!uploadFile) throw new Error('This host takes no files.');
    return uploadFile.call(this.#transport, file, (share) => {
      if (this.attaching) this.attaching = { ...this.attaching, share };
    });
  }

  async #changeAlerts<T>(change: () => Promise<T>): Promise<T> {
    const changed = await this.#change(change);
    this.ticked.clear();
    return changed;
  }

  async #change<T>(change: () => Promise<T>): Promise<T> {
    const changed = await change();
    await this.load();
    return changed;
  }

  async #refresh(): Promise<void> {
    const id = this.selectedId;
    const wanted = ++this.#wanted;
    if (id === null) return this.report.show(null);
    try {
      const detail = await this.#transport.request('cases.get', { caseId: id });
      if (wanted !== this.#wanted) return;
      this.detail = detail;
      this.error = null;
      const held = new Set(detail.alerts.map((alert) => alert.id));
      for (const ticked of this.ticked) if (!held.has(ticked)) this.ticked.delete(ticked);
      await this.#refreshTab();
    } catch (error) {
      if (wanted === this.#wanted) this.error = messageOf(error);
    }
  }

  /** What only one tab shows is asked for when it is shown: a report of ten thousand alerts takes its time. */
  async #refreshTab(): Promise<void> {
    const id = this.selectedId;
    if (id === null) return;
    try {
      if (this.tab === 'report') await this.report.show(id);
      if (this.tab !== 'alerts') return;
      const suggested = await this.#transport.request('cases.suggestions', { caseId: id });
      if (this.selectedId === id) this.suggested = suggested;
    } catch (error) {
      if (this.selectedId === id) this.error = messageOf(error);
    }
  }
}
