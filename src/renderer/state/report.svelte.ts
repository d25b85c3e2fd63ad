/** @file The report of the case in view while it is put together: sections with their texts, the analyst's text, what is taken out, and how it would look. */
import { SvelteSet } from 'svelte/reactivity';
import type { RouteOutput } from '../../shared/routes.ts';
import {
  defaultLayout,
  emptyReportText,
  sectionTitles,
  wholeLayout,
  type LaidSection,
  type RedactionChoice,
  type ReportFormat,
  type ReportLayout,
  type ReportTemplate,
  type ReportText,
} from '../../shared/report.ts';
import type { Transport } from '../transport/transport.ts';
import { Remote } from './remote.svelte.ts';

export type ReportPreview = RouteOutput<'reports.preview'>;
type DraftSection = LaidSection & { isShown: boolean };

/** The preview follows when nothing was typed for so long. */
const restMs = 500;

export class ReportState {
  readonly preview: Remote<ReportPreview>;
  readonly templates: Remote<ReportTemplate[]>;
  readonly techniques: Remote<RouteOutput<'reports.techniques'>>;
  /** In order; a section that is not shown keeps its place. */
  sections = $state<DraftSection[]>(drafted(defaultLayout));
  isPersonalTakenOut = $state(false);
  /** Keys of observables. */
  readonly takenOut = new SvelteSet<string>();
  text = $state<ReportText>(emptyReportText);
  /** Typed and not yet kept. */
  isUnsaved = $state(false);
  #caseId: string | null = null;
  /** Typed and not yet kept, of cases that are not in view. */
  readonly #drafts = new Map<string, ReportText>();
  /** Sections as they were put together for cases that are not in view. */
  readonly #layouts = new Map<string, DraftSection[]>();
  /** The template in use, with which the report of another case begins. */
  #template: ReportTemplate | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #transport: Transport;
  readonly #zone: () => string;

  constructor(transport: Transport, zone: () => string) {
    this.#transport = transport;
    this.#zone = zone;
    this.preview = new Remote(() => {
      if (this.#caseId === null) throw new Error('No case is in view.');
      return transport.request('reports.preview', { caseId: this.#caseId, ...this.#options() });
    });
    this.templates = new Remote(() => transport.request('reports.templates', {}));
    this.techniques = new Remote(() => transport.request('reports.techniques', {}));
  }

  /** Brings a case in view, or brings it up to date; what was typed stays. */
  async show(caseId: string | null): Promise<void> {
    if (caseId !== this.#caseId) {
      clearTimeout(this.#timer);
      if (this.#caseId !== null && this.isUnsaved) this.#drafts.set(this.#caseId, $state.snapshot(this.text));
      if (this.#caseId !== null) this.#layouts.set(this.#caseId, $state.snapshot(this.sections));
      this.#caseId = caseId;
      // What was written under a heading for one case is of that case, too.
      this.sections = this.#layouts.get(caseId ?? '') ?? this.#begun();
      this.preview.put(null);
      this.takenOut.clear();
      // Never the text of one case in the report of another, not even until its own is there.
      const draft = this.#drafts.get(caseId ?? '');
      this.#drafts.delete(caseId ?? '');
      this.text = draft ?? emptyReportText;
      this.isUnsaved = draft !== undefined;
    }
    if (caseId === null) return;
    if (!this.isUnsaved) {
      const text = await this.#transport.request('reports.text', { caseId });
      if (this.#caseId === caseId && !this.isUnsaved) this.text = text;
    }
    await this.preview.load();
  }

  export(caseId: string, format: ReportFormat): Promise<RouteOutput<'reports.export'>> {
    return this.#transport.request('reports.export', { caseId, format, ...this.#options() });
  }

  /** Something was changed: the preview follows, when it rests. */
  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.preview.load(), restMs);
  }

  move(index: number, by: 1 | -1): void {
    const [moved] = this.sections.splice(index, 1);
    if (moved) this.sections.splice(index + by, 0, moved);
    this.touch();
  }

  write(change: Partial<ReportText>): void {
    this.text = { ...this.text, ...change };
    this.isUnsaved = true;
  }

  /** Keeps what was written, as one entry of the audit. */
  async save(): Promise<void> {
    if (this.#caseId === null) return;
    await this.#transport.request('reports.write_text', { caseId: this.#caseId, text: $state.snapshot(this.text) });
    this.isUnsaved = false;
    await this.preview.load();
  }

  toggleTechnique(id: string): Promise<void> {
    const { techniques } = this.text;
    this.write({
      techniques: techniques.includes(id) ? techniques.filter((other) => other !== id) : [...techniques, id],
    });
    return this.save();
  }

  toggleTakenOut(key: string): void {
    if (!this.takenOut.delete(key)) this.takenOut.add(key);
    this.touch();
  }

  /** Null: as it comes. */
  useTemplate(template: ReportTemplate | null): void {
    this.#template = template;
    this.sections = this.#begun();
    this.touch();
  }

  /** Under a name that is there, in its place. */
  async saveTemplate(name: string): Promise<void> {
    const others = (this.templates.value ?? []).filter((template) => template.name !== name);
    const template = { id: name.slice(0, 64), name, layout: this.#layout() };
    this.templates.put(await this.#transport.request('reports.set_templates', { templates: [...others, template] }));
  }

  async removeTemplate(name: string): Promise<void> {
    const templates = (this.templates.value ?? []).filter((template) => template.name !== name);
    this.templates.put(await this.#transport.request('reports.set_templates', { templates }));
  }

  #begun(): DraftSection[] {
    return drafted(this.#template?.layout ?? defaultLayout);
  }

  #layout(): ReportLayout {
    return this.sections
      .filter(({ isShown }) => isShown)
      .map(({ id, title, text }) => ({ id, title: title.trim() === '' ? sectionTitles[id] : title, text }));
  }

  #options(): { zone: string; layout: ReportLayout; redaction: RedactionChoice } {
    const redaction = { observables: [...this.takenOut], personal: this.isPersonalTakenOut };
    return { zone: this.#zone(), layout: this.#layout(), redaction };
  }
}

/** Sections that a layout leaves out come behind, not shown. */
function drafted(layout: ReportLayout): DraftSection[] {
  const shown = layout.map((section) => ({ ...section, isShown: true }));
  const others = wholeLayout.filter(({ id }) => layout.every((section) => section.id !== id));
  return [...shown, ...others.map((section) => ({ ...section, isShown: false }))];
}
