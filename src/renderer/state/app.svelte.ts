/** @file Everything the renderer knows, put together: the parts, what the host tells them, and where the analyst is. */
import { createContext } from 'svelte';
import type { AlertRow, Job, Status, Watch, Workspace } from '../../shared/domain.ts';
import type { AlertValue } from '../lib/alertValues.ts';
import type { Entity } from '../../shared/lines.ts';
import type { PeriodFormat } from '../../shared/period.ts';
import type { ReportFormat } from '../../shared/report.ts';
import type { TextReads } from '../../shared/textModels.ts';
import { afterPaint } from '../lib/afterPaint.ts';
import { copyText } from '../lib/clipboard.ts';
import { download, fromBase64, toBase64, type KeptFile } from '../lib/download.ts';
import type { Connection, Transport } from '../transport/transport.ts';
import type { ViewName } from '../views/views.ts';
import { BundleState } from './bundles.svelte.ts';
import { CasesState } from './cases.svelte.ts';
import { ClassifiersState } from './classifiers.svelte.ts';
import { ContinuationState } from './continuation.svelte.ts';
import { DetailState } from './detail.svelte.ts';
import { EngineState } from './engine.svelte.ts';
import { EntitiesState } from './entities.svelte.ts';
import { HostEvents } from './hostEvents.ts';
import { JobsState } from './jobs.svelte.ts';
import { KeyBindings } from './keyBindings.svelte.ts';
import { LogsState } from './logs.svelte.ts';
import { ModelsState } from './models.svelte.ts';
import { type Notice, Notices } from './notices.svelte.ts';
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

export type DialogName =
  | 'palette'
  | 'keys'
  | 'case'
  | 'newCase'
  | 'caseMove'
  | 'caseSplit'
  | 'caseMerge'
  | 'caseLink'
  | 'caseClose'
  | 'caseTemplate'
  | 'bundle'
  | 'bundledAlert'
  | 'mute'
  | 'wideFold'
  | 'assign'
  | 'views'
  | 'look'
  | 'value'
  | 'removeLog'
  | 'followFolder'
  | 'train'
  | 'deleteModel'
  | 'retrain'
  | 'adopt';

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
    this.detail.onReady = (id) => afterPaint(() => this.verdicts.lineShown(id));
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
    void this.loadAll();
    return () => {
      stopSettings();
      stopEvents();
      stopWatching();
    };
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
      const list = this.queue.rowCount === 0 ? this.queue.load() : this.queue.refresh();
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

  /** The page of whoever or whatever a value names; of a log as its own entity, the log. */
  openEntity(entity: Entity): void {
    if (entity.kind === 'source') return this.openLine(entity.text, 1);
    void this.entities.show(entity);
    this.go('entities');
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
    if (queue.indexOf(row.id) < 0) await queue.setView({ ...view, group: null });
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

  exportBundle(): Promise<boolean> {
    return this.attempt('Exporting the bundle', async () => {
      if (this.cases.selectedId === null || this.bundles.isExporting) return;
      const { base64, savedAs, missing, manifestSha256, ...file } = await this.bundles.export(this.cases.selectedId);
      const copy = { label: 'Copy the hash', run: () => void copyText(manifestSha256) };
      const hash = `The hash of its list is ${manifestSha256}; whoever imports it is shown the same.`;
      const gone = missing.length > 0 ? `Without content that is gone or changed: ${missing.join(', ')}. ` : '';
      if (base64 !== null)
        await this.keepFile('Bundle', { ...file, bytes: fromBase64(base64) }, { text: gone + hash, action: copy });
      else
        this.notices.tell('Bundle made.', `It is large, and lies in the workspace: ${savedAs}. ${gone}${hash}`, copy);
    });
  }

  /** Gives up a file that was being opened. */
  leaveFile(item: OpenItem): void {
    this.open.remove(item);
    if (this.open.items.length === 0) this.go(this.workspace?.isEmpty === true ? 'queue' : 'logs');
  }

  exportCase(format: ReportFormat): Promise<boolean> {
    return this.attempt('Exporting', async () => {
      if (this.cases.selectedId === null) return;
      const report = await this.cases.report.export(this.cases.selectedId, format);
      await this.keepFile('Report', { ...report, bytes: fromBase64(report.base64) });
    });
  }

  exportPeriod(format: PeriodFormat): Promise<boolean> {
    return this.attempt('Exporting', async () => {
      const report = await this.handover.export(format);
      await this.keepFile('Report', { ...report, bytes: fromBase64(report.base64) });
    });
  }

  /** Hands a text over to be kept, and says what is known of it: a browser does not tell whether or where it kept it. */
  async keepFile(
    what: string,
    file: KeptFile,
    more: Pick<Notice, 'text' | 'action'> = { text: '', action: null },
  ): Promise<void> {
    if (!this.workspace?.hasFileDialog) {
      download(file);
      this.notices.tell(
        `${what} handed to the browser.`,
        `${file.fileName}: it asks where, or keeps it in its downloads. ${more.text}`,
        more.action,
      );
      return;
    }
    const { savedAs } = await this.transport.request('files.save', {
      name: file.fileName,
      base64: toBase64(file.bytes),
    });
    if (savedAs === null) this.notices.tell(`${what} not saved.`, 'The dialog was closed.');
    else this.notices.tell(`${what} saved.`, more.text === '' ? savedAs : `${savedAs}. ${more.text}`, more.action);
  }

  /** Follows the file in view as it grows. */
  follow(item: OpenItem): Promise<boolean> {
    return this.attempt('Following', async () => {
      const { preview } = item;
      if (!preview || item.stage !== 'ready') return;
      const format = item.format === preview.detected ? {} : { format: item.format };
      await this.logs.follow(preview.file.token, format);
      this.open.remove(item);
      this.go('logs');
    });
  }

  followFolder(): Promise<boolean> {
    return this.attempt('Following a folder', async () => {
      if (await this.logs.chooseFolder()) this.dialog = 'followFolder';
    });
  }

  setWatch(watch: Watch, state: Watch['state']): Promise<boolean> {
    return this.attempt(state === 'following' ? 'Following' : 'Changing what is followed', () =>
      this.logs.setWatch(watch, state),
    );
  }

  /** What the log in view is followed by. */
  watchInView(): Watch | null {
    return this.logs.watchList.find(({ id }) => id === this.logs.selected?.live?.watchId) ?? null;
  }

  startDemo(): Promise<boolean> {
    return this.attempt('Starting the demo', async () => {
      await this.transport.request('demo.start', {});
      await this.jobs.load();
    });
  }

  /** The logs that "learn" and "score" mean here: the one just imported, or the one being read. */
  sourcesInView(): number[] {
    if (this.view === 'open') return this.jobs.get(this.open.current?.jobId ?? null)?.sourceIds ?? [];
    return this.logs.selectedId === null ? [] : [this.logs.selectedId];
  }

  /** `countsOnly`: nothing is trained. */
  learn(sourceIds: readonly number[], { countsOnly = false } = {}): Promise<boolean> {
    return this.attempt('Learning', async () => {
      await this.transport.request('learn.start', { sourceIds: [...sourceIds], ...(countsOnly ? { countsOnly } : {}) });
      this.open.forgetImported();
      this.go('models');
      await this.jobs.load();
    });
  }

  score(sourceIds: readonly number[]): Promise<boolean> {
    return this.attempt('Scoring', async () => {
      const { jobId } = await this.transport.request('score.start', { sourceIds: [...sourceIds] });
      this.open.forgetImported();
      if (this.view === 'open') this.go('queue');
      this.jobs.isPanelOpen = this.view !== 'queue';
      await this.jobs.load();
      // A short job may have ended before the list of jobs came, and its end in one event with its beginning.
      const job = this.jobs.get(jobId);
      if (job) this.#events.tellEnd(job);
    });
  }

  /** Opens the dialog that trains, for a new model or from the text model that is named. */
  openTraining(parentId: string | null = null): void {
    this.tunedId = parentId;
    this.dialog = 'train';
  }

  useModel(modelId: string): Promise<boolean> {
    return this.attempt('Changing the model', async () => {
      await this.models.use(modelId);
      const model = this.models.get(modelId);
      if (model?.isReader)
        this.notices.tell(
          model.reads === 'windows'
            ? `The preset Tutorial judges by m${model.number} from the next time a model of kinds is learned.`
            : `Model m${model.number} scores lines from the next time a model of kinds is learned.`,
          'Models that are there already go on as they are.',
        );
    });
  }

  discardProposed(): Promise<boolean> {
    return this.attempt('Discarding', async () => {
      const { proposed } = this.retraining;
      if (!proposed) return;
      await this.retraining.discard(proposed.modelId);
      this.notices.tell(`m${proposed.modelNumber} is discarded.`, `m${proposed.parentNumber} stays in use.`);
    });
  }

  rollBack(): Promise<boolean> {
    return this.attempt('Going back', async () => {
      const number = await this.retraining.rollBack();
      this.notices.tell(
        `m${number} is in use again.`,
        'With the threshold and the calibration that it had; the logs are scored again.',
      );
    });
  }

  readWithout(reads: TextReads): Promise<boolean> {
    return this.attempt(`Reading ${reads} without a text model`, async () => {
      await this.models.readWithout(reads);
      this.notices.tell(
        `No text model reads ${reads} from the next time a model of kinds is learned.`,
        'Models that are there already go on as they are.',
      );
    });
  }

  flipPause(job: Job): Promise<boolean> {
    const { jobs } = this;
    return jobs.isPaused(job)
      ? this.attempt('Going on', () => jobs.resume(job.id))
      : this.attempt('Pausing', () => jobs.pause(job.id));
  }
}

export const [getApp, setApp] = createContext<AppState>();
