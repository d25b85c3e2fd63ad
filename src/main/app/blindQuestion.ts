/**
 * @file The old alert that is asked about again as if nobody had decided it. From when the list to teach from was seen with it until it is answered, what
 * the windows of who is asked show of it is what that list shows. Reports, the API and the command line say what is so.
 */
import type { AlertDetail, AlertRow } from '../../shared/alerts.ts';
import type { AlertSelection } from '../../shared/actions.ts';
import type { AlertCounts } from '../../shared/alertLists.ts';
import type { Instant } from '../../shared/instant.ts';
import type { CaseDetail, CaseRow } from '../../shared/cases.ts';
import type { Contradiction } from '../../shared/teaching.ts';
import type { MemoryEntry } from '../../shared/verdicts.ts';
import type { Services } from './services.ts';

/** `row`: as the list shows it, first at `seenAt`. `caseIds`: cases that it is in, whose conclusions are its own. */
type Question = { analyst: string; row: AlertRow; seenAt: Instant; caseIds: ReadonlySet<string> };

export class BlindQuestion {
  readonly #services: Services;
  #question: Question | null = null;

  constructor(services: Services) {
    this.#services = services;
  }

  /** The list to teach from was seen. One that a filter leaves out is still asked. */
  async seen(rows: readonly AlertRow[], { filter }: { filter: string }): Promise<void> {
    const question = rows.find(({ asked }) => asked?.why === 'again');
    if (!question) {
      if (filter === '') this.#question = null;
      return;
    }
    const { asked: _asked, ...row } = question;
    const { store, host, actor } = this.#services;
    const { cases } = await store.call('get_alert', { alertId: row.id, now: host.now() });
    const { analyst, at } = await actor();
    const before = this.#question;
    const isSame = before?.analyst === analyst && before.row.id === row.id;
    const caseIds = new Set(cases.map(({ id }) => id));
    this.#question = { analyst, row, seenAt: isSame ? before.seenAt : at, caseIds };
  }

  answered(alertId: string): void {
    if (this.#question?.row.id === alertId) this.#question = null;
  }

  /** Lists that are made in the store leave it out, and figures count it as undecided. Null: nothing is asked of them. */
  async number(): Promise<number | null> {
    return (await this.#asked())?.row.number ?? null;
  }

  async is(alertId: string): Promise<boolean> {
    return (await this.#asked())?.row.id === alertId;
  }

  /** What is done to all of a list is not done to what the list leaves out. */
  async selection(selection: AlertSelection): Promise<AlertSelection> {
    const question = await this.#asked();
    if (!question || selection.kind === 'ids') return selection;
    return { ...selection, except: [...selection.except, question.row.id] };
  }

  /** Over the lists, as long as they are. */
  async counts(counts: AlertCounts): Promise<AlertCounts> {
    return (await this.#asked()) ? { ...counts, decided: Math.max(0, counts.decided - 1) } : counts;
  }

  /** Of another alert, which is compared with what was decided before. */
  async detail(detail: AlertDetail): Promise<AlertDetail> {
    const question = await this.#asked();
    const [row = detail.row] = await this.rows([detail.row]);
    return { ...detail, row, nearest: detail.nearest.filter(({ alertId }) => alertId !== question?.row.id) };
  }

  /** What was said of its kind would be said of it. */
  async rows(rows: AlertRow[]): Promise<AlertRow[]> {
    const question = await this.#asked();
    if (!question) return rows;
    const { id, signature, seenBefore } = question.row;
    return rows.map((row) => {
      if (row.id === id) return { ...question.row, ...(row.asked ? { asked: row.asked } : {}) };
      return row.signature === signature ? { ...row, seenBefore } : row;
    });
  }

  /** Of what shows one alert each, under this name. */
  async rowsOf<K extends string, T extends Record<K, AlertRow>>(all: T[], name: K): Promise<T[]> {
    const rows = await this.rows(all.map((one) => one[name]));
    return all.map((one, at) => ({ ...one, [name]: rows[at] ?? one[name] }));
  }

  /** What a case was closed as, and how severe it is, follows from the verdicts on its alerts. */
  async cases(cases: CaseRow[]): Promise<CaseRow[]> {
    const question = await this.#asked();
    if (!question) return cases;
    return cases.map((row) =>
      question.caseIds.has(row.id) ? { ...row, closing: null, severity: row.ownSeverity, verdictAt: null } : row,
    );
  }

  async caseDetail(detail: CaseDetail): Promise<CaseDetail> {
    const question = await this.#asked();
    if (!question?.caseIds.has(detail.row.id)) return detail;
    const [row = detail.row] = await this.cases([detail.row]);
    const explanations = detail.explanations.filter(({ alertNumber }) => alertNumber !== question.row.number);
    // What is written now is the analyst's own, and of now.
    const notes = detail.notes.filter(({ writtenAt }) => writtenAt >= question.seenAt);
    return { ...detail, row, alerts: await this.rows(detail.alerts), notes, explanations };
  }

  async contradictions(found: Contradiction[]): Promise<Contradiction[]> {
    const question = await this.#asked();
    return found.filter(({ signature }) => signature !== question?.row.signature);
  }

  async memory<T extends MemoryEntry>(entries: T[]): Promise<T[]> {
    const question = await this.#asked();
    return entries.filter(({ alertId }) => alertId !== question?.row.id);
  }

  async #asked(): Promise<Question | null> {
    if (!this.#question) return null;
    const { analyst } = await this.#services.actor();
    return this.#question.analyst === analyst ? this.#question : null;
  }
}
