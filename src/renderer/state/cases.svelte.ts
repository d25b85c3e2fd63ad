/** @file Cases: the list, the one in view, what the analyst does to it, its report. */
import type { CaseDetail, CaseRow } from '../../shared/cases.ts';
import type { AlertSelection } from '../../shared/domain.ts';
import type { Transport } from '../transport/transport.ts';
import { messageOf } from './problems.ts';
import { Remote } from './remote.svelte.ts';
import { ReportState } from './report.svelte.ts';

export class CasesState {
  readonly rows: Remote<CaseRow[]>;
  selectedId = $state<string | null>(null);
  #cursor = $state(0);
  detail = $state.raw<CaseDetail | null>(null);
  error = $state<string | null>(null);
  readonly report: ReportState;
  readonly list = $derived.by(() => this.rows.value ?? []);
  /** The case that the keyboard is on in the list. */
  readonly atCursor = $derived(this.list[Math.min(this.#cursor, this.list.length - 1)]);
  readonly openCount = $derived(this.list.filter((row) => row.state === 'open').length);
  readonly #transport: Transport;

  /** `zone` names the zone on screen: reports keep to it. */
  constructor(transport: Transport, zone: () => string) {
    this.#transport = transport;
    this.report = new ReportState(transport, zone);
    this.rows = new Remote(() => transport.request('cases.list', {}));
  }

  async load(): Promise<void> {
    await Promise.all([this.rows.load(), this.#refresh()]);
  }

  moveCursor(rows: number): void {
    const from = Math.min(this.#cursor, this.list.length - 1);
    this.#cursor = Math.max(0, Math.min(this.list.length - 1, from + rows));
  }

  async select(id: string | null): Promise<void> {
    if (id !== this.selectedId) {
      this.detail = null;
    }
    this.selectedId = id;
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

  removeAlert(caseId: string, alertId: string): Promise<CaseRow> {
    return this.#change(() => this.#transport.request('cases.remove_alert', { caseId, alertId }));
  }

  rename(caseId: string, title: string): Promise<CaseRow> {
    return this.#change(() => this.#transport.request('cases.rename', { caseId, title }));
  }

  setState(caseId: string, state: 'open' | 'closed'): Promise<CaseRow> {
    return this.#change(() => this.#transport.request('cases.set_state', { caseId, state }));
  }

  addNote(caseId: string, text: string): Promise<CaseDetail> {
    return this.#change(() => this.#transport.request('cases.add_note', { caseId, text }));
  }

  async #change<T>(change: () => Promise<T>): Promise<T> {
    const changed = await change();
    await this.load();
    return changed;
  }

  async #refresh(): Promise<void> {
    const id = this.selectedId;
    if (id === null) return this.report.show(null);
    try {
      const detail = await this.#transport.request('cases.get', { caseId: id });
      if (this.selectedId !== id) return;
      this.detail = detail;
      this.error = null;
      await this.report.show(id);
    } catch (error) {
      if (this.selectedId === id) this.error = messageOf(error);
    }
  }
}
