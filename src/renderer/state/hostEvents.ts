/** @file What the host tells the window: each event to the state that it changes, and to the analyst where it is news. */
import type { ReasonKind } from '../../shared/alerts.ts';
import type { Job, JobKind } from '../../shared/jobs.ts';
import type { AppEvent } from '../../shared/events.ts';
import { severeText } from '../../shared/window.ts';
import type { SevereArrivals } from '../../shared/window.ts';
import type { AppState } from './app.svelte.ts';

const jobNames: Record<JobKind, string> = {
  import: 'Import',
  learn: 'Learning',
  train: 'Training',
  classify: 'Training a classifier',
  use_classifier: 'Calibrating with a classifier',
  retrain: 'Retraining',
  score: 'Scoring',
  demo: 'Demo',
};

/** An alert that was raised longer ago is not the one that is told of. */
const newsMs = 60_000;

/** Its model is in the registry. */
function isTrained(job: Job | null): boolean {
  return (job?.training ?? job?.retraining ?? null) !== null;
}

export class HostEvents {
  /** Jobs whose end was told, or came before this window. */
  readonly told = new Set<string>();
  readonly #app: AppState;

  constructor(app: AppState) {
    this.#app = app;
  }

  handle(event: AppEvent): void {
    switch (event.topic) {
      case 'start.changed':
        // After a restoring nothing on screen is what it was; a window that had nothing yet loads as at its start.
        if (this.#app.start.accept(event.data)) {
          if (this.#app.workspace === null) void this.#app.loadAll();
          else location.reload();
        }
        break;
      case 'status.changed':
        this.#app.status = event.data;
        break;
      case 'job.changed':
        // A model is entered in the registry before its training begins.
        if (isTrained(event.data) && !isTrained(this.#app.jobs.get(event.data.id))) void this.#app.models.load();
        this.#app.jobs.accept(event.data);
        this.tellEnd(event.data);
        this.#app.open.jobChanged(event.data);
        if (event.data.state !== 'running') void this.#jobEnded();
        break;
      case 'alerts.changed':
        this.#app.queue.counts = event.data.counts;
        if (this.#app.view === 'overview' || this.#app.view === 'learning') void this.#app.overview.report.load();
        if (this.#app.view === 'learning') void this.#app.learning.load();
        // When its alerts were decided is among its figures.
        if (this.#app.view === 'cases') void this.#app.cases.load();
        void this.#app.queue.refreshSoon();
        break;
      case 'alerts.severe':
        void this.#notify(event.data);
        break;
      case 'threshold.changed':
        if (event.data.reason === 'verdicts') this.#app.verdicts.thresholdChanged(event.data.text);
        else this.#app.notices.tellText(event.data.text);
        void this.#app.models.thresholds.load();
        void this.#app.queue.thresholdMoved(event.data.openMoved);
        break;
      case 'sources.changed':
        void this.#app.logs.load();
        void this.#reloadWorkspace();
        break;
      case 'models.changed':
        void this.#app.models.load();
        void this.#app.retraining.all.load();
        break;
      case 'cases.changed':
        void this.#app.cases.load();
        break;
      case 'engine.changed':
        this.#app.engine.report.put(event.data);
        break;
      case 'explanation.changed':
        this.#app.detail.explanation.accept(event.data);
        break;
      case 'window.closing':
        this.#app.verdicts.watchUnsaved((left) => {
          // A host that does not hear it waits, and closes.
          this.#app.transport.request('window.unsaved', left).catch(() => undefined);
        });
        break;
      case 'menu.chosen':
        this.#app.runCommand(event.data.command);
        break;
    }
  }

  /** Outside the window, where the analyst wants it and looks elsewhere. What cannot be shown is no problem: the queue has it. */
  async #notify({ critical, high }: SevereArrivals): Promise<void> {
    const { notifyFrom } = this.#app.settings;
    const arrived = { critical, high: notifyFrom === 4 ? high : 0 };
    if (notifyFrom === 0 || arrived.critical + arrived.high === 0 || document.hasFocus()) return;
    const told = { ...arrived, reason: await this.#reasonOf(arrived) };
    const { isShown } = await this.#app.transport.request('window.notify', told).catch(() => ({ isShown: true }));
    if (isShown || !('Notification' in window) || Notification.permission !== 'granted') return;
    const { title, body } = severeText(told);
    const note = new Notification(title, { body, tag: 'surprisal' });
    note.addEventListener('click', () => {
      window.focus();
      this.#app.go('queue');
    });
  }

  /** Why the only one was raised. Null where they are several, and where it cannot be told from others. */
  async #reasonOf({ critical, high }: SevereArrivals): Promise<ReasonKind | null> {
    if (critical + high !== 1) return null;
    const filter = critical === 1 ? 'severity:critical' : 'severity:high';
    const query = { tab: 'open', filter, zone: 'UTC', asOf: null, order: 'time' } as const;
    const found = await this.#app.transport.request('alerts.list', query).catch(() => null);
    const [newest] = found?.rows.toSorted((one, other) => other.number - one.number) ?? [];
    return newest && Date.now() - newest.raisedAt < newsMs ? newest.reason : null;
  }

  /** What came of a job, where no card on screen says it. */
  tellEnd(job: Job): void {
    const hasCard =
      this.#app.jobs.isPanelOpen ||
      this.#app.view === 'models' ||
      this.#app.view === 'open' ||
      this.#app.view === 'classifiers';
    if (hasCard || job.state === 'running' || this.told.has(job.id)) return;
    this.told.add(job.id);
    if (job.state === 'done') this.#app.notices.tell(`${jobNames[job.kind]} done.`, job.outcome ?? '');
    else if (job.state === 'failed') this.#app.notices.warn(`${jobNames[job.kind]} failed.`, job.error ?? '');
  }

  async #jobEnded(): Promise<void> {
    await Promise.all([
      this.#app.logs.load(),
      this.#app.models.load(),
      this.#app.retraining.all.load(),
      this.#reloadWorkspace(),
      this.#app.queue.refresh(),
    ]);
  }

  async #reloadWorkspace(): Promise<void> {
    this.#app.workspace = await this.#app.transport.request('workspace.get', {}).catch(() => this.#app.workspace);
  }
}
