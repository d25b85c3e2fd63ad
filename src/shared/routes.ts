/** @file The request contract between renderer and main: one schema per input, one type per output. The table is the whole attack surface. */
import { z } from 'zod';
import { longestTokenName, type ApiState, type ApiTest, type ApiToken, type NewApiToken } from './api.ts';
import type {
  ActionOutcome,
  AlertCounts,
  AlertDetail,
  AlertGroups,
  AlertRow,
  AlertSummary,
  ChosenFile,
  Continuation,
  FoldingSettings,
  Job,
  LogLine,
  MemoryEntry,
  Model,
  Preview,
  RunShare,
  Source,
  StartState,
  ModelEvidence,
  Mute,
  SavedView,
  Status,
  Threshold,
  TrainingEstimate,
  VerdictEffect,
  Watch,
  Workspace,
} from './domain.ts';
import type { CaseTemplate } from './caseKinds.ts';
import {
  mostWindows,
  shortestWindow,
  windowParts,
  type Classifier,
  type ClassifiedWindow,
  type WindowExplanation,
} from './classify.ts';
import {
  caseStates,
  longestTag,
  longestTask,
  mostTags,
  type CaseDetail,
  type CaseRow,
  type Suggestion,
} from './cases.ts';
import type { WideFold } from './wideFold.ts';
import type { BundledAlert, BundleFile, BundlePreview } from './bundle.ts';
import type { LearningWarning } from './adaptProtocol.ts';
import { groupFields, keyModelSizes, queueTabs, verdictValues } from './domain.ts';
import { providerNames } from './engineProtocol.ts';
import type { Explanation, ExplanationSettings, LocalModel } from './explanations.ts';
import type { EngineReport } from './engineReport.ts';
import type { EntityAlerts, EntityPage } from './entities.ts';
import type { LearningSettings } from './learning.ts';
import { learningSettings } from './learningSchema.ts';
import { entityKinds, formatIds } from './lines.ts';
import type { Observable } from './observables.ts';
import type { Output } from './outputs.ts';
import { outputSecret, outputSettings } from './outputsSchema.ts';
import { overviewDays, type Overview } from './overview.ts';
import { periodFormats, periodKinds, type Span } from './period.ts';
import type { Retraining, RetrainPlan } from './retraining.ts';
import type { AnswerEffect, Contradiction, LearningReport } from './teaching.ts';
import {
  defaultLayout,
  reportFormats,
  sectionIds,
  type ReportTechnique,
  type ReportTemplate,
  type ReportText,
} from './report.ts';
import { textReads } from './textModels.ts';
import { trainProviders, type TrainProgress } from './trainerProtocol.ts';
import { menuNames } from './window.ts';

const nothing = z.strictObject({});
const uid = z.string().min(1).max(64);
const rowId = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const budget = z.strictObject({ alerts: z.number().min(0.001).max(1_000_000), per: z.enum(['day', '100k']) });
const preset = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('budget') }),
  /** Null: half of the kinds that the model knows. */
  z.strictObject({ kind: z.literal('top_k'), k: z.number().int().min(1).max(1_000_000).nullable() }),
  z.strictObject({ kind: z.literal('tutorial') }),
]);
/** One line of text: control characters, a NUL among them, are spaces in it. */
const lineOfText = (longest: number) =>
  z
    .string()
    .transform((text) => text.replace(/\p{Cc}+/gu, ' ').trim())
    .pipe(z.string().min(1).max(longest));
const title = lineOfText(200);
const seed = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31);
/** What a text model is trained on. */
const reads = z.enum(textReads);
/** `provider` left out: the GPU where it was tried, agrees and is faster, else the CPU. */
const trainingPlan = z.strictObject({
  sourceIds: z.array(rowId).min(1).max(1000),
  plan: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('keys'), size: z.enum(keyModelSizes) }),
    z.strictObject({ kind: z.literal('text'), name: title, reads: reads.default('lines') }),
    z.strictObject({
      kind: z.literal('fine_tune'),
      name: title,
      reads: reads.default('lines'),
      parentId: uid,
      method: z.enum(['lora', 'full']),
    }),
  ]),
  maxEpochs: z.number().int().min(1).max(200).optional(),
  seed: seed.optional(),
  provider: z.enum(trainProviders).optional(),
});
/** IANA name. */
const zoneName = z.string().min(1).max(64);
type NamedLine = LogLine & { sourceName: string };
const noteText = z.string().max(20_000);
const layout = z
  .array(z.strictObject({ id: z.enum(sectionIds), title: lineOfText(120), text: noteText.default('') }))
  .max(sectionIds.length)
  .refine((sections) => new Set(sections.map(({ id }) => id)).size === sections.length, 'A section can stand once.');
const reportOptions = {
  /** IANA zone of its times; the machine's own where left out. */
  zone: zoneName.optional(),
  layout: layout.default(defaultLayout),
  redaction: z
    .strictObject({ observables: z.array(z.string().max(1100)).max(5000), personal: z.boolean() })
    .default({ observables: [], personal: false }),
};
/** One that ends now, or any; and what is taken out of its report. */
const periodOptions = {
  period: z.union([
    z.strictObject({ kind: z.enum(periodKinds) }),
    z.strictObject({
      from: z.number().int().min(-8.64e15).max(8.64e15),
      to: z.number().int().min(-8.64e15).max(8.64e15),
    }),
  ]),
  zone: reportOptions.zone,
  redaction: reportOptions.redaction,
};
const filterText = z.string().max(2000);
/** IANA name. */
const zone = z.string().min(1).max(64);
const modelAddress = z.string().min(1).max(200);
/** As Ollama names models. */
const modelName = z.string().regex(/^\w[\w./:-]{0,199}$/);
const order = z.enum(['severity', 'time']).default('severity');
const place = z.string().max(200);
const alertQuery = {
  tab: z.enum(queueTabs).default('open'),
  /** In the filter language. */
  filter: filterText.default(''),
  zone: zone.default('UTC'),
  asOf: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable().default(null),
};
/** Alerts by id, or all that a list has but for some. */
const selection = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ids'), ids: z.array(uid).max(10_000) }),
  z.strictObject({
    kind: z.literal('query'),
    query: z.strictObject(alertQuery),
    except: z.array(uid).max(10_000).default([]),
  }),
]);

const alertIds = z.array(uid).min(1).max(10_000);
const instant = z.number().int().min(-8.64e15).max(8.64e15);
const severityLevel = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]);
const personName = lineOfText(80);
const taskTitle = lineOfText(longestTask);
/** Each once. */
const tags = z
  .array(lineOfText(longestTag))
  .max(mostTags)
  .transform((all) => [...new Set(all)]);
const caseTemplate = z.strictObject({
  id: uid,
  name: lineOfText(80),
  tags,
  tasks: z.array(taskTitle).max(100),
  note: noteText,
});
/** Of a false alarm: its kind of line folds, not only what is alike. */
const isWide = z.boolean().default(false);

/** What an action did to alerts. */
export type BulkEffect = { alertCount: number; counts: AlertCounts };

/** `returns<Output>().from(inputSchema)`: the output is a type only. */
const returns = <O>() => ({
  from: <I extends z.ZodType>(input: I): { input: I; output: O } => ({ input, output: undefined as O }),
});

const windowPart = z.enum(windowParts).default('test');
const windowIndex = z.number().int().min(0).max(mostWindows).default(0);

export const routes = {
  /** The routes of `start` are answered also where the workspace could not be opened; all others refuse then. */
  'start.get': returns<StartState>().from(nothing),
  /** Tries again to open it. */
  'start.retry': returns<StartState>().from(nothing),
  /** Puts the backup that was offered in the place of a damaged database, which is kept, and opens it. */
  'start.restore': returns<StartState>().from(z.strictObject({ name: z.string().min(1).max(200) })),

  'workspace.get': returns<Workspace>().from(nothing),
  'workspace.set_analyst': returns<Workspace>().from(z.strictObject({ name: lineOfText(80) })),
  'status.get': returns<Status>().from(nothing),

  /** Opens the host's file dialog (Electron only). Empty: the user closed it. */
  'files.choose': returns<ChosenFile[]>().from(nothing),
  /** Saves a file by the host's own dialog (Electron only). Null: the user closed it. */
  'files.save': returns<{ savedAs: string | null }>().from(
    z.strictObject({ name: lineOfText(200), base64: z.base64().max(384 * 1024 * 1024) }),
  ),
  /** Read as `format`, or as what it is taken for. */
  'files.preview': returns<Preview>().from(z.strictObject({ token: uid, format: z.enum(formatIds).optional() })),

  /** Puts the page's commands into the menu of the window (Electron only; elsewhere nothing happens). */
  'window.set_menu': returns<null>().from(
    z.strictObject({
      commands: z
        .array(
          z.strictObject({
            id: z.string().min(1).max(64),
            title: lineOfText(80),
            menu: z.enum(menuNames),
            key: z.string().min(1).max(32).nullable(),
            isEnabled: z.boolean(),
          }),
        )
        .max(300),
    }),
  ),
  /** Tells of severe alerts outside the window, by the system's own notes. False: this host has none, the browser's are to be used. */
  'window.notify': returns<{ isShown: boolean }>().from(
    z.strictObject({ critical: z.number().int().min(0), high: z.number().int().min(0) }),
  ),

  'sources.list': returns<Source[]>().from(nothing),
  /** Starts an import job; `format` overrides what was detected. With `thenScore`, scores with the model in use. */
  'sources.import': returns<{ jobId: string }>().from(
    z.strictObject({ token: uid, format: z.enum(formatIds).optional(), thenScore: z.boolean() }),
  ),
  /** Refused (CONFLICT) while alerts of it are decided or in a case. */
  'sources.delete': returns<{ removed: true }>().from(z.strictObject({ sourceId: rowId })),
  /** Lines of a source after (or, with a negative limit, before) a line number. */
  'logs.read': returns<LogLine[]>().from(
    z.strictObject({
      sourceId: rowId,
      afterLine: z.number().int().min(0),
      limit: z.number().int().min(-500).max(500),
    }),
  ),
  /** Events of a source by their place in it, from 0; `isWhole` cuts long ones at 20,000 characters instead of 2,000. */
  'logs.rows': returns<LogLine[]>().from(
    z.strictObject({
      sourceId: rowId,
      firstRow: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
      limit: z.number().int().min(1).max(500),
      isWhole: z.boolean().default(false),
    }),
  ),
  /** Place of the event that holds a line of the file, or stands before it. */
  'logs.row_of': returns<{ row: number }>().from(
    z.strictObject({ sourceId: rowId, lineNumber: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }),
  ),
  /** Full text over a source's lines, newest match last. Words are matched as they are; the query has no syntax. */
  'logs.search': returns<{ lines: (LogLine & { sourceName: string })[]; isIndexed: boolean }>().from(
    z.strictObject({
      sourceId: rowId.optional(),
      text: z.string().min(1).max(500),
      afterEventId: z.number().int().min(0),
      limit: z.number().int().min(1).max(200),
    }),
  ),

  /** What is followed, or was: a stopped one is started again behind what was read. */
  'watch.list': returns<Watch[]>().from(nothing),
  /** Opens the host's dialog for a folder (Electron only). Null: the user closed it. */
  'watch.choose_folder': returns<ChosenFile | null>().from(nothing),
  /** A file, or with a pattern of names (`*.log`) the files of a folder. Refused (CONFLICT) for a file that was sent: it does not grow. */
  'watch.start': returns<Watch>().from(
    z.strictObject({
      token: uid,
      format: z.enum(formatIds).optional(),
      pattern: z.string().min(1).max(255).optional(),
    }),
  ),
  'watch.pause': returns<Watch>().from(z.strictObject({ watchId: rowId })),
  /** Goes on behind what was read, also after it was stopped. */
  'watch.resume': returns<Watch>().from(z.strictObject({ watchId: rowId })),
  'watch.stop': returns<Watch>().from(z.strictObject({ watchId: rowId })),

  'learn.start': returns<{ jobId: string }>().from(
    z.strictObject({
      sourceIds: z.array(rowId).min(1).max(1000),
      budget: budget.optional(),
      seed: seed.optional(),
      /** Nothing is trained: in use after some seconds, by what can be counted. */
      countsOnly: z.boolean().optional(),
    }),
  ),
  'score.start': returns<{ jobId: string }>().from(z.strictObject({ sourceIds: z.array(rowId).min(1).max(1000) })),
  'demo.start': returns<{ jobId: string }>().from(nothing),
  'jobs.list': returns<Job[]>().from(nothing),
  'jobs.cancel': returns<Job>().from(z.strictObject({ jobId: uid })),
  /** The points of its training so far, for a window that opens in the middle: the last of each epoch, and the newest. */
  'jobs.curve': returns<TrainProgress[]>().from(z.strictObject({ jobId: uid })),
  /** Answers when training stands still, at most one step later. Refused (CONFLICT) for a job that does not train just now. */
  'jobs.pause': returns<Job>().from(z.strictObject({ jobId: uid })),
  'jobs.resume': returns<Job>().from(z.strictObject({ jobId: uid })),

  /**
   * A page of alerts, most severe first (`severity`) or newest first (`time`): those behind the place `after`, up to the place `until`.
   * `newest`: the highest number that any alert has. Refused (BAD_REQUEST) with the place of what is wrong in the filter.
   */
  'alerts.list': returns<{ rows: AlertRow[]; nextCursor: string | null; newest: number; counts: AlertCounts }>().from(
    z.strictObject({
      ...alertQuery,
      order: z.enum(['severity', 'time', 'surprise']).default('severity'),
      after: place.nullable().default(null),
      until: place.nullable().default(null),
      limit: z.number().int().min(1).max(1000).default(200),
    }),
  ),
  /** The list as a whole. It is walked beside everything else; a second on a million alerts. */
  'alerts.summary': returns<AlertSummary>().from(
    z.strictObject({ ...alertQuery, order, pageSize: z.number().int().min(50).max(1000).default(200) }),
  ),
  /** How many alerts of the list came after the one of this number. */
  'alerts.count_new': returns<{ count: number }>().from(
    z.strictObject({ ...alertQuery, newerThan: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }),
  ),
  'alerts.groups': returns<AlertGroups>().from(z.strictObject({ ...alertQuery, order, by: z.enum(groupFields) })),
  /** What is alike, hour by hour of one day: a line per signature, up to `until`. */
  'alerts.sparklines': returns<{ until: number; lines: number[][] }>().from(
    z.strictObject({ signatures: z.array(z.string().min(1).max(64)).min(1).max(500) }),
  ),
  /** Values of a field that begin with what was typed, the most frequent first. */
  'alerts.values': returns<{ value: string; hint: string; count: number }[]>().from(
    z.strictObject({ field: z.string().min(1).max(20), typed: z.string().max(200) }),
  ),
  /** Null: nobody's. */
  'alerts.assign': returns<BulkEffect>().from(z.strictObject({ selection, owner: lineOfText(80).nullable() })),
  /** `isBlind`: without what was said of it. */
  'alerts.get': returns<AlertDetail>().from(z.strictObject({ alertId: uid, isBlind: z.boolean().default(false) })),
  /** The attention of one head, or without one the mean of its layer; without a layer, of the last one. */
  'alerts.evidence': returns<ModelEvidence>().from(
    z.strictObject({
      alertId: uid,
      layer: z.number().int().min(0).max(1000).optional(),
      head: z.number().int().min(0).max(1000).nullable().default(null),
    }),
  ),
  'alerts.context': returns<{ before: LogLine[]; after: LogLine[] }>().from(
    z.strictObject({ alertId: uid, lines: z.number().int().min(1).max(200) }),
  ),
  /** The same of all logs, by time: lines within so long before and after, at most 200 each; none where the alert's line tells no time. */
  'alerts.context_by_time': returns<{ before: NamedLine[]; after: NamedLine[]; isCut: boolean }>().from(
    z.strictObject({ alertId: uid, withinMs: z.number().int().min(1000).max(86_400_000) }),
  ),
  'explanations.settings': returns<ExplanationSettings>().from(nothing),
  /** Refused (BAD_INPUT) for an address that is not this machine's own. */
  'explanations.set': returns<ExplanationSettings>().from(
    z.strictObject({ isOn: z.boolean(), address: modelAddress, model: modelName }),
  ),
  /** Asks Ollama for its models; nothing is changed. Refused (PROVIDER_FAILED) with what to do where it does not answer. */
  'explanations.test': returns<LocalModel[]>().from(z.strictObject({ address: modelAddress })),
  /** What a language model says of the alert, or is just saying; null: it was not asked. */
  'explanations.get': returns<Explanation | null>().from(z.strictObject({ alertId: uid })),
  /**
   * Asks, unless it was asked about the same evidence before; `explanation.changed` tells how it goes on, also where it fails. One answer is written at a
   * time: asking about another alert ends it. Refused (CONFLICT) while explanations are off.
   */
  'explanations.start': returns<Explanation>().from(
    z.strictObject({ alertId: uid, again: z.boolean().default(false) }),
  ),
  'explanations.cancel': returns<null>().from(z.strictObject({ alertId: uid })),
  /** Keeps it with a case, marked as machine-written. */
  'explanations.keep': returns<Explanation>().from(z.strictObject({ alertId: uid, caseId: uid })),

  'overview.get': returns<Overview>().from(z.strictObject({ zone: zoneName, days: z.literal(overviewDays) })),
  /** Entities of the most severe open alerts, those with the most of them first. */
  'entities.list': returns<EntityAlerts[]>().from(nothing),
  /** By its name as the logs write it. One that acts in no session is looked up as a host, or by the lines that contain it. */
  'entities.get': returns<EntityPage>().from(
    z.strictObject({ kind: z.enum(entityKinds), text: z.string().min(1).max(1000), zone: zoneName.default('UTC') }),
  ),

  /** The local API: whether it runs, its switch, its tokens. */
  'api.get': returns<ApiState>().from(nothing),
  'api.set': returns<ApiState>().from(
    z.strictObject({
      isOn: z.boolean(),
      port: z.number().int().min(1).max(65_535),
      perSecond: z.number().int().min(1).max(1_000_000),
    }),
  ),
  'api.test': returns<ApiTest>().from(nothing),
  'api.tokens': returns<ApiToken[]>().from(nothing),
  'api.create_token': returns<NewApiToken>().from(z.strictObject({ name: lineOfText(longestTokenName) })),
  'api.revoke_token': returns<ApiToken[]>().from(z.strictObject({ tokenId: uid })),

  'folding.get': returns<FoldingSettings>().from(nothing),
  /** Folds the alerts of every log again. */
  'folding.set': returns<FoldingSettings>().from(
    z.strictObject({ cooldownSeconds: z.number().int().min(0).max(86_400), similarity: z.number().min(0.3).max(1) }),
  ),

  'outputs.list': returns<Output[]>().from(nothing),
  /** What is switched on sends what comes from now on. `secret` of the answer was made now and is not told again. */
  'outputs.set': returns<{ outputs: Output[]; secret: string | null }>().from(
    z.strictObject({ settings: outputSettings, secret: outputSecret.optional() }),
  ),
  /** Sends one test alert, by settings that need not be kept. UNREACHABLE with the receiver's answer where it is not taken. */
  'outputs.test': returns<null>().from(z.strictObject({ settings: outputSettings, secret: outputSecret.optional() })),

  'learning.settings': returns<LearningSettings>().from(nothing),
  /** What verdicts taught is learned again under them. */
  'learning.set': returns<LearningSettings>().from(learningSettings),

  /** What of learning from the verdicts would blind: that part waits until it is confirmed. */
  'learning.pending': returns<LearningWarning[]>().from(nothing),
  'learning.confirm': returns<null>().from(nothing),
  /** What verdicts say of alerts to come, the newest first. */
  'memory.list': returns<(MemoryEntry & { template: string })[]>().from(nothing),
  /** What folds under it is open again; the verdict stays. */
  'memory.forget': returns<{ openedCount: number }>().from(z.strictObject({ number: rowId })),

  'verdicts.give': returns<VerdictEffect>().from(
    z.strictObject({ alertId: uid, value: z.enum(verdictValues), note: noteText.default(''), isWide }),
  ),
  /** One verdict on all of them at once, one entry in the audit, one step of undo. `verdict.alertId` is one of them. */
  'verdicts.give_many': returns<VerdictEffect>().from(
    z.strictObject({ selection, value: z.enum(verdictValues), note: noteText.default(''), isWide }),
  ),
  /** What a false alarm of their whole kind of line (`isWide`) would hide. */
  'verdicts.preview_wide': returns<WideFold>().from(z.strictObject({ selection })),
  /**
   * "I missed this": the event's alert, or a new one that was missed, is decided as a true positive; one step of undo. Refused (CONFLICT) where its log
   * was not scored.
   */
  'teach.missed': returns<VerdictEffect & { alertId: string; isNew: boolean }>().from(
    z.strictObject({ eventId: rowId, note: noteText.default('') }),
  ),
  /** The answer to a blind question; the verdict stands. One step of undo. */
  'teach.answer': returns<AnswerEffect>().from(z.strictObject({ alertId: uid, value: z.enum(verdictValues) })),
  'learning.report': returns<LearningReport>().from(z.strictObject({ zone: zoneName, days: z.literal(overviewDays) })),
  /** Alerts alike that were judged both ways, at most fifty kinds. */
  'learning.contradictions': returns<Contradiction[]>().from(nothing),
  /** Takes back the newest action still in force, whatever it was done to (or does the newest undone one again). Null: nothing to do. */
  'actions.undo': returns<ActionOutcome | null>().from(nothing),
  'actions.redo': returns<ActionOutcome | null>().from(nothing),

  'mutes.list': returns<Mute[]>().from(nothing),
  /** What a mute would hide now: how many open alerts, and the most severe of them. */
  'mutes.preview': returns<{ total: number; rows: AlertRow[] }>().from(
    z.strictObject({ filter: lineOfText(2000), zone }),
  ),
  'mutes.add': returns<{ mute: Mute } & BulkEffect>().from(
    z.strictObject({
      filter: lineOfText(2000),
      zone,
      reason: lineOfText(500),
      expiresAt: z.number().int().positive().max(Number.MAX_SAFE_INTEGER).nullable(),
    }),
  ),
  'mutes.lift': returns<{ mute: Mute } & BulkEffect>().from(z.strictObject({ muteId: uid })),

  'views.list': returns<SavedView[]>().from(nothing),
  /** The whole list of saved views, in their order. */
  'views.save': returns<SavedView[]>().from(
    z.strictObject({
      views: z
        .array(
          z.strictObject({
            id: uid,
            name: lineOfText(60),
            tab: z.enum(queueTabs),
            filter: filterText,
            order: z.enum(['severity', 'time']),
            group: z.enum(groupFields).nullable(),
          }),
        )
        .max(50),
    }),
  ),

  /**
   * How events are judged from now on, also by the model in use. Refused (CONFLICT) where that one cannot; unless nothing could be learned with
   * the preset, it is kept all the same for what is learned from now on.
   */
  'presets.choose': returns<Status['preset']>().from(z.strictObject({ preset })),

  'thresholds.list': returns<Threshold[]>().from(nothing),
  'thresholds.set_budget': returns<Threshold>().from(z.strictObject({ budget })),
  /** What came of the threshold in the newest run of each log by the model in use. */
  'thresholds.runs': returns<RunShare[]>().from(nothing),
  /** Whether the threshold follows slow changes of logs that are followed, within bounds; each move is a version. */
  'thresholds.set_following': returns<{ isOn: boolean }>().from(z.strictObject({ isOn: z.boolean() })),
  /** Puts an earlier version in force again, as a new version. */
  'thresholds.revert': returns<Threshold>().from(z.strictObject({ version: z.number().int().min(1) })),
  'models.list': returns<Model[]>().from(nothing),
  'models.use': returns<Model[]>().from(z.strictObject({ modelId: uid })),
  /** No text model reads lines, or windows, for the models that are learned from now on. */
  'models.read_without': returns<Model[]>().from(z.strictObject({ reads })),
  /** Some seconds: reads part of the logs and does a few steps. Refused (CONFLICT) while training is under way. */
  'models.estimate': returns<TrainingEstimate>().from(trainingPlan),
  /** Starts a training job beside other work. What it makes is kept, and in use only when somebody says so. */
  'models.train': returns<{ jobId: string }>().from(trainingPlan),
  /** Its files go, its card stays in the audit. Refused (CONFLICT) for the model in use and for one that is being trained. */
  'models.delete': returns<Model[]>().from(z.strictObject({ modelId: uid })),
  /** How one or two text models go on with the same line; the same seed gives the same. */
  'models.continue': returns<Continuation[]>().from(
    z.strictObject({
      modelIds: z.array(uid).min(1).max(2),
      text: z.string().min(1).max(2000),
      mostTokens: z.number().int().min(1).max(50).default(50),
      temperature: z.number().min(0).max(10).default(0.7),
      seed: seed.default(1),
    }),
  ),

  'classifiers.list': returns<Classifier[]>().from(nothing),
  /** Reads the file at once and refuses (BAD_INPUT) what it cannot use; then a training job beside other work. */
  'classifiers.train_file': returns<{ classifierId: string; jobId: string }>().from(
    z.strictObject({ token: uid, templatesToken: uid.nullable().default(null), seed: seed.default(1) }),
  ),
  /** Of windows of so many events up to each alert that has a verdict. Refused (BAD_INPUT) where there are too few. */
  'classifiers.train_verdicts': returns<{ classifierId: string; jobId: string }>().from(
    z.strictObject({ length: z.number().int().min(shortestWindow).max(100).default(10), seed: seed.default(1) }),
  ),
  'classifiers.evaluate': returns<ClassifiedWindow[]>().from(
    z.strictObject({
      classifierId: uid,
      part: windowPart,
      from: windowIndex,
      count: z.number().int().min(1).max(500).default(20),
    }),
  ),
  'classifiers.explain': returns<WindowExplanation>().from(
    z.strictObject({ classifierId: uid, part: windowPart, index: windowIndex }),
  ),
  /** The first window that is labelled anomalous; null where none is. */
  'classifiers.first_anomaly': returns<{ index: number | null }>().from(
    z.strictObject({ classifierId: uid, part: windowPart }),
  ),
  /** The first `count` test windows with their explanations, as a workbook. */
  'classifiers.export': returns<{ fileName: string; mediaType: string; base64: string }>().from(
    z.strictObject({ classifierId: uid, count: z.number().int().min(1).max(500).default(20) }),
  ),
  /** A job that ends with what speaks against it, or with the classifier as one more detector of the model in use and its logs scored again. */
  'classifiers.use': returns<{ jobId: string }>().from(z.strictObject({ classifierId: uid })),
  /** Back to the model without it, or a job that calibrates without it; CONFLICT where none is in use. */
  'classifiers.drop': returns<{ jobId: string | null }>().from(nothing),
  'classifiers.delete': returns<Classifier[]>().from(z.strictObject({ classifierId: uid })),

  /** What a retraining of the model in use would learn from now. */
  'retrain.plan': returns<RetrainPlan>().from(nothing),
  /**
   * Starts a retraining job beside other work. Refused (BAD_INPUT) with what is missing, (CONFLICT) while one is under way or a model waits for a
   * decision.
   */
  'retrain.start': returns<{ jobId: string }>().from(z.strictObject({ seed: seed.optional() })),
  /** Newest first, with those that were adopted or discarded. */
  'retrain.list': returns<Retraining[]>().from(nothing),
  'retrain.get': returns<Retraining>().from(z.strictObject({ modelId: uid })),
  /**
   * Puts a proposed model in use; logs that the model before had scored are scored again by the job. Refused (CONFLICT) where the gate is against it
   * and `override` is not its sentence.
   */
  'retrain.adopt': returns<{ retraining: Retraining; jobId: string | null }>().from(
    z.strictObject({ modelId: uid, override: z.string().max(500).nullable().default(null) }),
  ),
  'retrain.discard': returns<Retraining>().from(z.strictObject({ modelId: uid })),
  /** Back to an earlier model with its threshold and calibration; left out: what the model in use was retrained from, or the one before it. */
  'retrain.rollback': returns<{ modelId: string; modelNumber: number; jobId: string | null }>().from(
    z.strictObject({ modelId: uid.optional() }),
  ),

  'engine.get': returns<EngineReport>().from(nothing),
  /** Null: the fastest that agrees with the CPU. Refused (CONFLICT) for one that does not, or that failed. */
  'engine.pin': returns<EngineReport>().from(z.strictObject({ provider: z.enum(providerNames).nullable() })),
  /** Tries every provider anew, those that crashed before too; `engine.changed` tells what came of it. */
  'engine.try': returns<EngineReport>().from(nothing),
  /** Versions, machine and providers as a file to send; answers when they have been tried. */
  'diagnostics.get': returns<{ fileName: string; mediaType: string; text: string }>().from(nothing),

  'cases.list': returns<CaseRow[]>().from(nothing),
  'cases.get': returns<CaseDetail>().from(z.strictObject({ caseId: uid })),
  'cases.create': returns<CaseRow>().from(z.strictObject({ title, alertIds: z.array(uid).max(10_000) })),
  'cases.add_alerts': returns<CaseRow>().from(
    z.strictObject({ caseId: uid, alertIds: z.array(uid).min(1).max(10_000) }),
  ),
  'cases.add_many': returns<CaseRow>().from(z.strictObject({ caseId: uid, selection })),
  'cases.remove_alerts': returns<CaseRow>().from(z.strictObject({ caseId: uid, alertIds })),
  /** Gives the case they are in then. */
  'cases.move_alerts': returns<CaseRow>().from(z.strictObject({ caseId: uid, intoId: uid, alertIds })),
  /** Into a new case, linked to this one. */
  'cases.split': returns<CaseRow>().from(z.strictObject({ caseId: uid, title, alertIds })),
  /** Into another case, which is given, with all it has. */
  'cases.merge': returns<CaseRow>().from(z.strictObject({ caseId: uid, intoId: uid })),
  /** What is left out stays. */
  'cases.update': returns<CaseRow>().from(
    z.strictObject({
      caseId: uid,
      title: title.optional(),
      state: z.enum(caseStates).optional(),
      closing: z.enum(verdictValues).nullable().optional(),
      ownSeverity: severityLevel.nullable().optional(),
      owner: personName.nullable().optional(),
      tags: tags.optional(),
      dueAt: instant.nullable().optional(),
    }),
  ),
  'cases.add_note': returns<CaseDetail>().from(z.strictObject({ caseId: uid, text: noteText.min(1) })),
  'cases.add_task': returns<CaseDetail>().from(
    z.strictObject({
      caseId: uid,
      title: taskTitle,
      owner: personName.nullable().default(null),
      dueAt: instant.nullable().default(null),
    }),
  ),
  'cases.update_task': returns<CaseDetail>().from(
    z.strictObject({
      caseId: uid,
      taskId: uid,
      title: taskTitle.optional(),
      isDone: z.boolean().optional(),
      owner: personName.nullable().optional(),
      dueAt: instant.nullable().optional(),
    }),
  ),
  'cases.link': returns<CaseDetail>().from(z.strictObject({ caseId: uid, otherId: uid, isLinked: z.boolean() })),
  /** Replaces all of them. */
  'cases.set_phases': returns<CaseDetail>().from(
    z.strictObject({
      caseId: uid,
      phases: z
        .array(
          z
            .strictObject({ name: lineOfText(80), fromAt: instant, toAt: instant })
            .refine(({ fromAt, toAt }) => fromAt <= toAt, 'A phase ends after it begins.'),
        )
        .max(50),
    }),
  ),
  /** The workspace's own; those that are built in are in `caseKinds.ts`. */
  'cases.templates': returns<CaseTemplate[]>().from(nothing),
  /** Replaces all of them. */
  'cases.set_templates': returns<CaseTemplate[]>().from(z.strictObject({ templates: z.array(caseTemplate).max(50) })),
  /** Its tags, tasks and first note, all at once. */
  'cases.apply_template': returns<CaseDetail>().from(z.strictObject({ caseId: uid, template: caseTemplate })),
  'cases.suggestions': returns<{ suggestions: Suggestion[]; refusedCount: number }>().from(
    z.strictObject({ caseId: uid }),
  ),
  'cases.refuse': returns<null>().from(z.strictObject({ caseId: uid, alertIds, isRefused: z.boolean() })),
  /** A file that was offered. It is copied into the workspace and never opened. */
  'cases.attach': returns<CaseDetail>().from(z.strictObject({ caseId: uid, token: uid })),
  /** Its content goes with the last attachment that has it; the audit keeps hash and size. */
  'cases.remove_attachment': returns<CaseDetail>().from(z.strictObject({ caseId: uid, attachmentId: uid })),
  /** The case as one file for another Surprisal. Null: too large for a message; it lies in the workspace, where `savedAs` says. */
  'bundles.export': returns<BundleFile>().from(z.strictObject({ caseId: uid })),
  /** All of a file that was offered is looked through. Refused with the place where it is not as it was made. */
  'bundles.preview': returns<BundlePreview>().from(z.strictObject({ token: uid })),
  /** Refused where the case is here already. */
  'bundles.import': returns<CaseRow>().from(z.strictObject({ token: uid })),
  /** An alert that came with a bundle, as it was explained where it was raised. */
  'bundles.alert': returns<BundledAlert>().from(z.strictObject({ alertId: uid })),
  /** Compared with its hash; refused where it is too large for a message. */
  'cases.read_attachment': returns<{ fileName: string; mediaType: string; base64: string }>().from(
    z.strictObject({ caseId: uid, attachmentId: uid }),
  ),
  'reports.export': returns<{ fileName: string; mediaType: string; base64: string }>().from(
    z.strictObject({ caseId: uid, format: z.enum(reportFormats), ...reportOptions }),
  ),
  /** The beginning of the HTML report as it would be exported now. To be looked at, not taken away: no entry in the audit. */
  'reports.preview': returns<{ html: string; observables: Observable[]; techniques: ReportTechnique[] }>().from(
    z.strictObject({ caseId: uid, ...reportOptions }),
  ),
  /** Of a span of time: what was read, raised, decided and learned in it, and what is open. Refused (BAD_REQUEST) over 400 days. */
  'periods.export': returns<{ fileName: string; mediaType: string; base64: string }>().from(
    z.strictObject({ format: z.enum(periodFormats), ...periodOptions }),
  ),
  /** No entry in the audit. `span`: what it came to be. */
  'periods.preview': returns<{ span: Span; html: string; observables: Observable[] }>().from(
    z.strictObject(periodOptions),
  ),
  /** Left to the next shift; one entry of the audit. */
  'periods.leave_note': returns<null>().from(z.strictObject({ text: noteText.min(1) })),
  'reports.text': returns<ReportText>().from(z.strictObject({ caseId: uid })),
  'reports.write_text': returns<ReportText>().from(
    z.strictObject({
      caseId: uid,
      text: z.strictObject({
        summary: z.string().max(50_000),
        findings: z.string().max(200_000),
        techniques: z.array(z.string().regex(/^T\d{4}(\.\d{3})?$/)).max(200),
      }),
    }),
  ),
  /** Techniques of the bundled list, in the order of their ids. */
  'reports.techniques': returns<{ id: string; name: string; tactics: string[] }[]>().from(nothing),
  'reports.templates': returns<ReportTemplate[]>().from(nothing),
  /** Replaces all of them. */
  'reports.set_templates': returns<ReportTemplate[]>().from(
    z.strictObject({
      templates: z.array(z.strictObject({ id: uid, name: lineOfText(80), layout })).max(50),
    }),
  ),
};

export type Routes = typeof routes;
export type RouteName = keyof Routes;
/** What a caller gives; fields with defaults may be left out. */
export type RouteInput<R extends RouteName> = z.input<Routes[R]['input']>;
/** What a handler receives. */
export type ParsedInput<R extends RouteName> = z.output<Routes[R]['input']>;
export type RouteOutput<R extends RouteName> = Routes[R]['output'];
