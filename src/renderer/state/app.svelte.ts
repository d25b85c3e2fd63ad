/** @file Everything the renderer knows, put together: the parts, what the host tells them, and where the analyst is. */
import { createContext } from 'svelte';
import type { AlertRow } from '../../shared/alerts.ts';
import type { Job } from '../../shared/jobs.ts';
import type { Status, Workspace } from '../../shared/workspace.ts';
import type { AlertValue } from '../lib/alertValues.ts';
import type { Entity } from '../../shared/lines.ts';
import { afterPaint } from '../lib/afterPaint.ts';
import type { Connection, Transport } from '../transport/transport.ts';
import type { ViewName } from '../views/views.ts';
import { BundleState } from './bundles.svelte.ts';
import { CasesState } from './cases.svelte.ts';
import { ClassifiersState } from './classifiers.svelte.ts';
import { ContinuationState } from './continuation.svelte.ts';
import { DetailState } from './detail.svelte.ts';
import type { DialogName } from './dialogs.ts';
import { EngineState } from './engine.svelte.ts';
import { EntitiesState } from './entities.svelte.ts';
import { Exports } from './exports.ts';
import { Following } from './following.ts';
import { HostEvents } from './hostEvents.ts';
import { JobsState } from './jobs.svelte.ts';
import { KeyBindings } from './keyBindings.svelte.ts';
import { LogsState } from './logs.svelte.ts';
import { ModelActions } from './modelActions.ts';
import { ModelsState } from './models.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { OpenState } from './open.svelte.ts';
import type { OpenItem } from './open.svelte.ts';
import { HandoverState } from './handover.svelte.ts';
import { LearningState } from './learning.svelte.ts';
import { OverviewState } from './overview.svelte.ts';
import { messageOf } from './problems.ts';
import { PickingState, type PickPlace } from './picking.svelte.ts';
import { QueueState } from './queue.svelte.ts';
import { RetrainingState } from './retraining.svelte.ts';
import { Settings } from './settings.svelte.ts';
import { Sparklines } from './sparklines.svelte.ts';
import { Start } from './start.svelte.ts';
import { TriageState } from './triage.svelte.ts';
import { VerdictState } from './verdicts.svelte.ts';
import { Work } from './work.ts';

export class AppState {
  readonly transport: Transport;
  readonly settings = new Settings();
  readonly keys = new KeyBindings();
  readonly notices = new Notices();
  readonly start: Start;
  readonly queue: QueueState;
  readonly detail: DetailState;
  readonly verdicts: VerdictState;
  readonly triage: TriageState;
  readonly picking: PickingState;
  readonly sparklines: Sparklines;
  readonly jobs: JobsState;
  readonly logs: LogsState;
  readonly cases: CasesState;
  readonly bundles: BundleState;
  readonly models: ModelsState;
  readonly classifiers: ClassifiersState;
  readonly retraining: RetrainingState;
  readonly continuation: ContinuationState;
  readonly engine: EngineState;
  readonly open: OpenState;
  readonly entities: EntitiesState;
  readonly overview: OverviewState;
  readonly learning: LearningState;
  readonly handover: HandoverState;
  readonly exports = new Exports(this);
  readonly work = new Work(this);
  readonly following = new Following(this);
  readonly modelActions = new ModelActions(this);
  workspace = $state.raw<Workspace | null>(null);
  status = $state.raw<Status | null>(null);
  connection = $state<Connection>('connected');
  startError = $state<string | null>(null);
  view = $state<ViewName>('queue');
  dialog = $state<DialogName | null>(null);
  /** Set by the shell: opens the browser's file dialog where the host has none. */
  askForFiles: () => void = () => undefined;
  /** Set by the shell: runs a command by its id, if it can be run now. */
  runCommand: (id: string) => void = () => undefined;
  /** Set by the view that has one: puts the caret into its filter or search. */
  focusFilter: () => void = () => undefined;
  /** Set by the view that has it: puts the caret into the line that text models go on with. */
  focusLine: () => void = () => undefined;
  /** The text model to go on from, while the dialog that trains is opened for it. */
  tunedId: string | null = null;
  readonly #events = new HostEvents(this);

  constructor(transport: Transport) {
    this.transport = transport;
    this.start = new Start(transport);
    this.queue = new QueueState(transport);
    this.detail = new DetailState(transport);
    this.verdicts = new VerdictState(transport, this.queue, this.notices, this.settings);
    this.verdicts.onChanged = (id) => {
      if (this.detail.wantedId === id) void this.detail.reload();
    };
    this.verdicts.waitsForLine = true;
    this.verdicts.keyOf = (value) => this.keys.named(`verdict.${value}`);
    this.detail.onReady = (id) => {
      // Drawn with the alert itself, not in a frame of its own.
      this.queue.viewed.add(id);
      afterPaint(() => this.#painted(id));
    };
    this.triage = new TriageState(transport, this.queue, this.verdicts);
    this.picking = new PickingState(this.queue, this.notices);
    this.sparklines = new Sparklines(transport);
    this.queue.zone = () => this.settings.zone;
    this.jobs = new JobsState(transport);
    this.logs = new LogsState(transport);
    this.cases = new CasesState(
      transport,
      () => this.settings.zone,
      () => this.settings.now,
    );
    this.bundles = new BundleState(transport);
    this.models = new ModelsState(transport);
    this.classifiers = new ClassifiersState(transport);
    this.retraining = new RetrainingState(transport, this.models, this.jobs);
    this.continuation = new ContinuationState(transport);
    this.engine = new EngineState(transport);
    this.open = new OpenState(transport);
    this.entities = new EntitiesState(transport, () => this.settings.zone);
    this.picking.openEntity = (entity) => this.openEntity(entity);
    this.picking.findLines = (text) => this.findLines(text);
    this.overview = new OverviewState(transport, () => this.settings.zone);
    this.handover = new HandoverState(transport, () => this.settings.zone);
    this.learning = new LearningState(transport, () => this.settings.zone);
  }

  /** Connects and loads. Returns what ends it. */
  run(): () => void {
    const stopSettings = this.settings.start();
    const stopEvents = this.transport.subscribe((event) => this.#events.handle(event));
    const stopWatching = this.transport.watchConnection((connection) => {
      const wasLost = this.connection === 'lost';
      this.connection = connection;
      if (wasLost && connection === 'connected') void this.loadAll();
    });
    const stopAsking = this.transport.askBeforeClosing?.(() => this.verdicts.unsaved > 0);
    void this.loadAll();
    return () => {
      stopAsking?.();
      stopSettings();
      stopEvents();
      stopWatching();
    };
  }

  /**
   * An alert is on screen: the next one is got ready, then the key that waits for this one decides. In this order, since what the key leads to is
   * what was got ready.
   */
  #painted(alertId: string): void {
    const next = this.queue.selected?.id === alertId ? this.queue.upcoming() : null;
    void this.detail.painted(alertId, next && { id: next.id, isBlind: next.asked?.why === 'again' });
    this.verdicts.lineShown(alertId);
  }

  async loadAll(): Promise<void> {
    try {
      if (!(await this.start.check())) return;
      const [workspace, status] = await Promise.all([
        this.transport.request('workspace.get', {}),
        this.transport.request('status.get', {}),
      ]);
      this.workspace = workspace;
      this.status = status;
      this.startError = null;
      const list = this.queue.list.rowCount === 0 ? this.queue.load() : this.queue.refresh();
      await Promise.all([
        list,
        this.triage.views.load(),
        this.jobs.load(),
        this.logs.load(),
        this.cases.load(),
        this.models.load(),
        this.retraining.all.load(),
      ]);
      for (const job of this.jobs.all) if (job.state !== 'running') this.#events.told.add(job.id);
      if (this.detail.error !== null) await this.detail.reload();
    } catch (error) {
      if (this.workspace === null) this.startError = messageOf(error);
    }
  }

  /** Runs something the analyst asked for; what goes wrong is said, never swallowed. */
  async attempt(what: string, action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      this.notices.warn(`${what} did not work.`, messageOf(error));
      return false;
    }
  }

  /** Opens the menu of a value of an alert, or of all its values to pick one. */
  pick(row: AlertRow, value: AlertValue | null, place: PickPlace | null): void {
    this.picking.begin(row, value, place, this.detail.alert);
    this.dialog = 'value';
  }

  go(view: ViewName): void {
    this.view = view;
    // What verdicts changed of them was not asked for while they were not looked at.
    if (view === 'cases') void this.cases.load();
    this.jobs.isPanelOpen = false;
    this.dialog = null;
    this.detail.isWide = false;
  }

  /** The log a source name belongs to; alerts name their source only. */
  openLine(sourceName: string, lineNumber: number): void {
    const source = this.logs.list.find((one) => one.name === sourceName);
    if (!source) return;
    this.logs.clearSearch();
    void this.logs.open(source.id, lineNumber);
    this.go('logs');
  }

  /** The page of whoever or whatever a value names; of a log as its own entity, the log at this line. */
  openEntity(entity: Entity, lineNumber = 1): void {
    if (entity.kind === 'source') return this.openLine(entity.text, lineNumber);
    if (this.view !== 'entities') this.entities.cameFrom = this.view;
    void this.entities.show(entity);
    this.go('entities');
  }

  /** Back to where the page was asked for: to the alert, or to all entities. */
  leaveEntity(): void {
    const { cameFrom } = this.entities;
    this.entities.leave();
    if (cameFrom !== null) this.go(cameFrom);
  }

  /** Searches all logs for the lines with these words. */
  findLines(text: string): Promise<void> {
    this.logs.searchText = text;
    this.logs.searchesAll = true;
    this.go('logs');
    return this.logs.search();
  }

  /** Shows an alert in the queue, wherever it is in it. */
  async openAlert(row: AlertRow): Promise<void> {
    const { queue } = this;
    this.go('queue');
    const { state } = row;
    // What an earlier alert counts is in no list of its own.
    const view =
      state === 'repeat'
        ? ({ tab: 'all', filter: 'state:repeat' } as const)
        : { tab: state === 'sampled' ? ('teach' as const) : state, filter: '' };
    if (queue.list.indexOf(row.id) < 0) await queue.setView({ ...view, group: null });
    if (!(await queue.reveal(row)))
      this.notices.tell(`A-${row.number} is not in the list.`, 'Its state changed, or the list does not reach to it.');
  }

  async openAlertById(alertId: string): Promise<void> {
    const { row } = await this.transport.request('alerts.get', { alertId });
    await this.openAlert(row);
  }

  async chooseFiles(): Promise<void> {
    if (this.workspace?.hasFileDialog) {
      await this.attempt('Opening', async () => {
        if (await this.open.choose()) this.go('open');
      });
    } else {
      this.askForFiles();
    }
  }

  takeFiles(files: readonly File[]): void {
    if (files.length === 0 || !this.open.takesFiles) return;
    const [bundle] = files;
    if (bundle && files.length === 1 && BundleState.isBundle(bundle)) return this.importBundle(bundle);
    this.open.addFiles(files);
    this.go('open');
  }

  /** Shows what a bundle holds, or asks for one. */
  importBundle(file: File | null): void {
    this.go('cases');
    this.dialog = 'bundle';
    if (file) void this.bundles.take(file);
  }

  showBundled(alertId: string): void {
    this.dialog = 'bundledAlert';
    void this.bundles.showAlert(alertId);
  }

  /** Gives up a file that was being opened. */
  leaveFile(item: OpenItem): void {
    this.open.remove(item);
    if (this.open.items.length === 0) this.go(this.workspace?.isEmpty === true ? 'queue' : 'logs');
  }

  /** Where no card on screen says what came of a job, a notice does. */
  tellEnd(job: Job): void {
    this.#events.tellEnd(job);
  }

  /** Opens the dialog that trains, for a new model or from the text model that is named. */
  openTraining(parentId: string | null = null): void {
    this.tunedId = parentId;
    this.dialog = 'train';
  }
}

export const [getApp, setApp] = createContext<AppState>();
