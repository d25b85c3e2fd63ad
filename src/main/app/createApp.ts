/** @file One app for every host: opens the workspace, answers requests, tells what changed. Hosts only carry it. */
import type { ChosenFile } from '../../shared/sources.ts';
import type { Job, JobKind } from '../../shared/jobs.ts';
import { forStderr, type AppError } from '../../shared/errors.ts';
import type { AppEvent } from '../../shared/events.ts';
import type { Host } from '../host/host.ts';
import { AdaptClient } from './adaptClient.ts';
import { Api } from './api/api.ts';
import { Backups } from './backups.ts';
import { Changes } from './changes.ts';
import { EventBus } from './eventBus.ts';
import { Explanations } from './explanations.ts';
import { OfferedFiles } from './files.ts';
import { createHandlers } from './handlers.ts';
import { indexInBackground } from './importFile.ts';
import { Jobs } from './jobs.ts';
import { clearUp } from './leftovers.ts';
import { Models } from './models.ts';
import { Mutes } from './mutes.ts';
import { TemplateTexts } from './presenter.ts';
import { Outputs } from './outputs.ts';
import { Providers } from './providers.ts';
import { Proposals } from './retraining/proposals.ts';
import { RetrainRuleWatch } from './retraining/rule.ts';
import { Scoring } from './scoring.ts';
import { createDispatch, type Dispatch } from './router.ts';
import { incomingDirectory, openServices, type Services } from './services.ts';
import { readStatus } from './status.ts';
import { Teaching } from './teach.ts';
import { Thresholds } from './thresholds.ts';
import { Watches } from './watch/watches.ts';
import { Work } from './work.ts';

export type App = {
  dispatch: Dispatch;
  subscribe: (listener: (event: AppEvent) => void) => () => void;
  /** Makes a file on this machine known to the renderer by a token. */
  offerFile: (path: string, options: { name: string; isTemporary: boolean }) => Promise<ChosenFile>;
  /** Where uploads go, until they are imported or given up. */
  uploadDirectory: () => string;
  /** Ends what runs and closes the workspace. Resolves when it is closed, however often it is asked. */
  close: () => Promise<void>;
  /** For the command line, which runs the same work without a renderer. */
  parts: AppParts;
};

export type AppParts = {
  services: Services;
  bus: EventBus;
  jobs: Jobs;
  files: OfferedFiles;
  texts: TemplateTexts;
  models: Models;
  scoring: Scoring;
  work: Work;
  teaching: Teaching;
  mutes: Mutes;
  outputs: Outputs;
  thresholds: Thresholds;
  adapt: AdaptClient;
  backups: Backups;
  providers: Providers;
  explanations: Explanations;
  watches: Watches;
  api: Api;
  proposals: Proposals;
  retrainRule: RetrainRuleWatch;
};

export type AppOptions = {
  workspaceDirectory: string;
  /** Whether jobs that were cut off are gone on with at once. The command line leaves them until the same is asked for again. */
  goesOn?: boolean;
  /** Tries the providers by itself, at quiet moments after the first screen: for hosts that stay. */
  triesProviders?: boolean;
  /** The API is served on this port, whatever is set; a host that stays has it by its switch otherwise. */
  apiPort?: number;
  /** Hears that something of the open database could not be read. */
  onDamage?: (error: AppError) => void;
};

/** The first look comes when the first screen has long been there. */
const selfTestIntervalMs = 4000;

/** Throws WORKSPACE_IN_USE, WORKSPACE_NEWER or STORE_CORRUPT with a sentence that says what to do. */
export async function createApp(
  host: Host,
  { workspaceDirectory, goesOn = true, triesProviders = false, apiPort, onDamage }: AppOptions,
): Promise<App> {
  const services = await openServices(host, workspaceDirectory, onDamage);
  let left: Awaited<ReturnType<typeof clearUp>>;
  try {
    left = await clearUp(services, { goesOn });
  } catch (error) {
    await services.close();
    throw error;
  }
  const bus = new EventBus();
  const files = new OfferedFiles(() => host.newId());
  const texts = new TemplateTexts(services);
  const jobs: Jobs = new Jobs({
    now: () => host.now(),
    newId: () => host.newId(),
    changed: (job: Job) => bus.publish('job.changed', job, job.id),
    ending: (jobId) => work.ended(jobId),
  });
  let closing: Promise<void> | undefined;
  const changes: Changes = new Changes({
    services,
    bus,
    status: () => readStatus(parts),
    noteChange: () => backups.noteChange(),
  });
  const tellEngine = (): void =>
    void changes.safely(async () => {
      bus.publish('engine.changed', providers.report());
      await changes.status();
    });
  const providers = await Providers.open(services, tellEngine);
  const adapt = new AdaptClient({ start: () => host.startAdapt() });
  const thresholds = new Thresholds({ services, bus, adapt, changed: changes.all, alertsMoved: changes.alerts });
  const toGoOn = goesOn ? left.cutOff : [];
  const leftAlone = goesOn ? [] : left.cutOff;
  const models = new Models(services, thresholds);
  const scoring = new Scoring({ services, models, thresholds, changed: changes.all });
  const tasks = { services, files, texts, models, scoring, thresholds, changed: changes.all };
  const work: Work = new Work({ ...tasks, jobs, left: leftAlone });
  const teaching = new Teaching(services, thresholds);
  const proposals = new Proposals(services, models, thresholds);
  const retrainRule = new RetrainRuleWatch({ services, jobs, work, tellStatus: () => void changes.status() });
  const explanations = new Explanations({
    services,
    texts,
    modelOf: (modelId) => models.of(modelId),
    publish: (explanation) => bus.publish('explanation.changed', explanation, explanation.alertId),
    tellStatus: () => void changes.status(),
  });
  const mutes = new Mutes(services, () => void changes.all());
  const outputs = new Outputs(services, () => void changes.status());
  bus.subscribe(({ topic }) => topic === 'alerts.changed' && outputs.look());
  const backups = new Backups(services, {
    isBusy: () => jobs.isWorking,
    changed: () => void changes.status(),
  });
  const watches = new Watches({
    services,
    bus,
    scoring,
    thresholds,
    tellStatus: async () => {
      await changes.status();
      backups.noteChange();
    },
    isImporting: () =>
      jobs.list().some(({ kind, state }) => state === 'running' && (kind === 'import' || kind === 'demo')),
  });
  const api = new Api({
    services,
    bus,
    scoring,
    thresholds,
    teaching,
    taught: () => {
      changes.alertsSoon();
      retrainRule.verdictGiven();
    },
    tellStatus: () => void changes.status(),
    noteChange: () =>
      void changes.safely(async () => {
        bus.publish('sources.changed', { count: (await services.store.call('totals', undefined)).sources });
        await changes.status();
        backups.noteChange();
      }),
  });
  bus.subscribe(({ topic }) => topic === 'alerts.changed' && api.look());
  const parts: AppParts = {
    services,
    bus,
    jobs,
    files,
    texts,
    models,
    scoring,
    work,
    teaching,
    mutes,
    outputs,
    thresholds,
    adapt,
    backups,
    providers,
    explanations,
    watches,
    api,
    proposals,
    retrainRule,
  };
  changes.open();
  // An index or a removal that a crash cut off is finished now.
  indexInBackground(services, () => void changes.all());
  const dispatch = createDispatch(createHandlers(parts, changes), (route, error) =>
    console.error(`${route}:`, forStderr(error)),
  );
  const selfTest = triesProviders
    ? setInterval(() => {
        // Timed beside other work, a provider would seem slow, and so would the work.
        if (!jobs.isComputing) void providers.tryIfOutdated();
      }, selfTestIntervalMs).unref()
    : undefined;
  const close = async (): Promise<void> => {
    changes.close();
    await services.store.call('suspend_jobs', { ids: jobs.suspend() }).catch(() => undefined);
    clearInterval(selfTest);
    retrainRule.close();
    const explaining = explanations.close();
    mutes.close();
    await api.close();
    await outputs.close();
    const watching = watches.close();
    await providers.close();
    await thresholds.close();
    await explaining;
    bus.close();
    await files.close();
    await backups.close();
    await services.close();
    await watching;
    await jobs.settled();
  };
  try {
    for (const { record, reason } of left.givenUp) {
      const { id, subject, startedAt } = record;
      jobs.giveUp({ kind: record.kind as JobKind, subject, id, startedAt }, reason);
    }
    for (const job of toGoOn) work.goOn(job);
    await mutes.open();
    // The command line does what it is asked for, and nothing else.
    if (goesOn) {
      retrainRule.open();
      await outputs.open();
      explanations.open();
    }
    // The command line has it when it needs it.
    if (goesOn) {
      adapt.start();
      await thresholds.open();
    }
    // Behind the import that goes on: the thread does one thing at a time, and that one first.
    await watches.open({ goesOn });
    if (goesOn) await api.open(apiPort ?? null);
  } catch (error) {
    // Damage that shows only now: the workspace is let go, so that a backup can take its place.
    await close().catch((failure: unknown) => console.error('Closing:', forStderr(failure)));
    throw error;
  }
  return {
    dispatch,
    subscribe: (listener) => bus.subscribe(listener),
    offerFile: (path, offered) => files.offer(path, offered),
    uploadDirectory: () => incomingDirectory(services),
    parts,
    close: () => (closing ??= close()),
  };
}
