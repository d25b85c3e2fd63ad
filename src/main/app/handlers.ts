/** @file What each request does. Handlers stay short: the work is in the modules they call. */
import { basename } from 'node:path';
import { defaultFolding, type FoldingSettings } from '../../shared/thresholds.ts';
import type { AlertSelection } from '../../shared/actions.ts';
import type { LogLine } from '../../shared/sources.ts';
import type { SavedView } from '../../shared/alertLists.ts';
import type { Workspace } from '../../shared/workspace.ts';
import { AppError } from '../../shared/errors.ts';
import type { TrainProvider } from '../../shared/trainerProtocol.ts';
import { severeText } from '../../shared/window.ts';
import { alertDetail, around } from './alertDetail.ts';
import { toAlertGroups } from './alertGroups.ts';
import { alertValues } from './alertValues.ts';
import { modelEvidence } from './modelEvidence.ts';
import { listEntities, readEntity } from './entityPage.ts';
import { caseHandlers } from './caseHandlers.ts';
import { classifierHandlers } from './classify/handlers.ts';
import { reportHandlers } from './reportHandlers.ts';
import type { Changes } from './changes.ts';
import type { AppParts } from './createApp.ts';
import { namingFile } from './files.ts';
import { foldAgain } from './foldAgain.ts';
import { findKnown } from './importFile.ts';
import { listContradictions, readLearning } from './learningReport.ts';
import { markMissed } from './missed.ts';
import { listTeach, withoutTeachQuery } from './teachList.ts';
import { listModels } from './modelRegistry.ts';
import { detailChars, listChars, toAlertRows, toLogLine } from './presenter.ts';
import type { EventRecord } from '../store/protocol/events.ts';
import type { RouteHandlers } from './router.ts';
import type { QueryContext } from '../store/protocol/alerts.ts';
import { readOverview } from './overview.ts';
import { retrainPlan } from './retraining/plan.ts';
import { choosePreset } from './presets.ts';
import { chosenPreset } from './settings.ts';
import { readStatus } from './status.ts';
import { continueWith } from './textScores.ts';
import { runShares } from './runShares.ts';
import { allThresholds, currentThreshold } from './thresholds.ts';
import { estimateTraining, trainingProvider } from './training/estimate.ts';
import { watchOf } from './watch/watchOf.ts';

const viewsKey = 'queue.views';
/** Files up to this size are compared with what was imported before they are imported. */
const mostHashedBytes = 256 * 1024 * 1024;
/** Lines of all logs around an alert, on each side. */
const mostAround = 200;

export function createHandlers(parts: AppParts, changes: Changes): RouteHandlers {
  const { services, jobs, files, texts, models, scoring, work, teaching, mutes, thresholds, providers, watches } =
    parts;
  const { proposals, retrainRule, explanations, api, outputs } = parts;
  const { store, host } = services;

  const workspace = async (): Promise<Workspace> => {
    const [totals, actor] = await Promise.all([store.call('totals', undefined), services.actor()]);
    return {
      id: services.opened.workspaceId,
      name: services.opened.name,
      directory: services.directory,
      analyst: actor.analyst,
      isEmpty: totals.sources === 0 && jobs.list().length === 0,
      appVersion: host.appVersion,
      hasFileDialog: host.chooseFiles !== undefined,
    };
  };
  const minScore = async (): Promise<number> => (await currentThreshold(services))?.score ?? 0;
  /** What the words of a filter mean now, and to whom. */
  const context = async (): Promise<QueryContext> => {
    const [actor, score] = await Promise.all([services.actor(), minScore()]);
    return { minScore: score, now: actor.at, analyst: actor.analyst };
  };
  const chosen = async (selection: AlertSelection): Promise<AlertSelection> =>
    withoutTeachQuery(services, selection, await context());
  const acting = async () => ({
    minScore: await minScore(),
    actor: await services.actor(),
  });
  const sourceNames = async (ids: readonly number[]): Promise<string> => {
    const sources = await store.call('list_sources', undefined);
    const names = ids.map((id) => {
      const source = sources.find((candidate) => candidate.id === id);
      if (!source) throw new AppError('NOT_FOUND', 'That log is no longer in the workspace.');
      return source.name;
    });
    return names.join(', ');
  };
  const withProvider = <A extends { provider?: TrainProvider | undefined }>(
    asked: A,
  ): A & { provider: TrainProvider } => ({
    ...asked,
    provider: asked.provider ?? trainingProvider(providers.report()),
  });
  const folding = async (): Promise<FoldingSettings> =>
    ((await store.call('get_setting', { key: 'folding' })) as FoldingSettings | null) ?? defaultFolding;
  /** Runs a change and tells everyone about it. */
  const changing = async <T>(change: Promise<T>): Promise<T> => {
    const result = await change;
    void changes.all();
    return result;
  };
  /** The same for one that moves alerts only. */
  const moving = async <T>(change: Promise<T>): Promise<T> => {
    const result = await change;
    changes.alertsSoon();
    return result;
  };

  /** The answer does not wait for what the rule makes of it. */
  const taught = async <T>(giving: Promise<T>): Promise<T> => {
    const effect = await giving;
    retrainRule.verdictGiven();
    return effect;
  };
  /** Alerts are by the model before until their logs are scored again, in turn with other work. */
  const scoredAgain = async (sourceIds: number[]): Promise<string | null> => {
    if (sourceIds.length === 0) return null;
    return (await work.startScore(sourceIds, await sourceNames(sourceIds))).jobId;
  };

  const stepping = async (direction: 'undo' | 'redo') => {
    const outcome = await teaching.step(direction);
    if (outcome?.kind === 'mute' || outcome?.kind === 'unmute') await mutes.stepped();
    if (outcome?.kind.startsWith('case')) void changes.all();
    else changes.alertsSoon();
    return outcome;
  };

  return {
    'workspace.get': workspace,
    'workspace.set_analyst': async ({ name }) => {
      await store.call('set_setting', { key: 'analyst', value: name, actor: await services.actor() });
      return workspace();
    },
    'status.get': () => readStatus(parts),

    'files.choose': async () => {
      const paths = (await host.chooseFiles?.()) ?? [];
      return Promise.all(paths.map((path) => files.offer(path, { name: basename(path), isTemporary: false })));
    },
    'files.save': async ({ name, base64 }) => {
      if (!host.saveFile) throw new AppError('BAD_REQUEST', 'Here the browser saves files.');
      return { savedAs: await host.saveFile(name, Buffer.from(base64, 'base64')) };
    },
    'files.preview': async ({ token, format = null }) => {
      const file = files.get(token);
      const importer = await services.importer();
      const [preview, known] = await Promise.all([
        namingFile(file, importer.call('preview', { path: file.path, format, zone: host.timeZone, now: host.now() })),
        // A file so large is not read to its end for this; the import would notice.
        file.sizeBytes > mostHashedBytes
          ? undefined
          : findKnown(services, file.path, (format) => format !== 'sequences'),
      ]);
      const alreadyImported = known ? { sourceId: known.sourceId, name: await sourceNames([known.sourceId]) } : null;
      return { file: { token: file.token, name: file.name, sizeBytes: file.sizeBytes }, ...preview, alreadyImported };
    },

    'window.set_menu': ({ commands }) => {
      host.setMenu?.(commands);
      return null;
    },
    'window.unsaved': (left) => {
      host.unsaved?.(left);
      return null;
    },
    'window.notify': (arrived) => {
      const { title, body } = severeText(arrived);
      return { isShown: host.notify?.(title, body) ?? false };
    },

    'sources.list': async () =>
      (await store.call('list_sources', undefined)).map((source) => ({ ...source, live: watches.liveOf(source.id) })),
    'sources.import': async ({ token, format, thenScore }) => {
      const { jobId } = await work.startImport(files.get(token), format ?? null, thenScore);
      return { jobId };
    },
    'sources.delete': async ({ sourceId }) => {
      const isNeeded = jobs.list().some(({ state, sourceIds }) => state === 'running' && sourceIds.includes(sourceId));
      if (jobs.isWorking || isNeeded) {
        throw new AppError('CONFLICT', 'Work is under way. Remove the log when it is done, or cancel it first.');
      }
      await changing(store.call('delete_source', { sourceId, actor: await services.actor() }));
      texts.clear();
      return { removed: true };
    },
    'logs.read': async (input) => (await store.call('read_lines', { ...input, maxChars: listChars })).map(toLogLine),
    'logs.rows': async ({ isWhole, ...input }) =>
      (await store.call('read_rows', { ...input, maxChars: isWhole ? detailChars : listChars })).map(toLogLine),
    'logs.row_of': async (input) => ({ row: await store.call('row_of_line', input) }),
    'logs.search': async ({ sourceId, text, afterEventId, limit }) => {
      const found = await store.call('search_text', {
        sourceId: sourceId ?? null,
        text,
        afterEventId,
        limit,
        maxChars: listChars,
      });
      const lines = found.events.map((event) => ({ ...toLogLine(event), sourceName: event.sourceName }));
      return { lines, isIndexed: found.isIndexed };
    },

    'watch.list': () => watches.list(),
    'watch.choose_folder': async () => {
      const path = (await host.chooseFolder?.()) ?? null;
      return path === null ? null : files.offer(path, { name: basename(path), isTemporary: false });
    },
    'watch.start': async ({ token, format = null, pattern }) =>
      watches.start(await watchOf(files.get(token), format, pattern)),
    'watch.pause': ({ watchId }) => watches.set(watchId, 'paused'),
    'watch.resume': ({ watchId }) => watches.set(watchId, 'following'),
    'watch.stop': ({ watchId }) => watches.set(watchId, 'stopped'),

    'learn.start': async ({ sourceIds, ...options }) => {
      const { jobId } = await work.startLearn({ sourceIds }, options, await sourceNames(sourceIds));
      return { jobId };
    },
    'score.start': async ({ sourceIds }) => {
      const { jobId } = await work.startScore(sourceIds, await sourceNames(sourceIds));
      return { jobId };
    },
    'demo.start': async () => {
      if (jobs.isRunning('demo')) throw new AppError('CONFLICT', 'The demo is being made already.');
      const { jobId } = await work.startDemo();
      return { jobId };
    },
    'jobs.list': () => jobs.list(),
    'jobs.cancel': ({ jobId }) => work.cancel(jobId),
    'jobs.curve': ({ jobId }) => jobs.curveOf(jobId),
    'jobs.pause': ({ jobId }) => work.pause(jobId),
    'jobs.resume': ({ jobId }) => work.resume(jobId),

    'alerts.list': async (input) => {
      if (input.tab === 'teach') return listTeach(services, texts, input, await context());
      const page = await store.call('list_alerts', { ...input, ...(await context()) });
      return { ...page, rows: await toAlertRows(page.rows, texts) };
    },
    'alerts.summary': async (input) => {
      // It is one page, whatever its order.
      if (input.tab === 'teach') {
        const { rows, newest } = await listTeach(services, texts, input, await context());
        return { total: rows.length, marks: [], asOf: newest, histogram: null, withoutTime: rows.length };
      }
      return store.call('summarise_alerts', { ...input, ...(await context()) });
    },
    'alerts.count_new': async (input) => ({
      count: await store.call('count_new_alerts', { ...input, ...(await context()) }),
    }),
    'alerts.groups': async (input) =>
      toAlertGroups(services, input.by, await store.call('group_alerts', { ...input, ...(await context()) }), texts),
    'alerts.sparklines': ({ signatures }) => store.call('alert_sparklines', { signatures, now: host.now() }),
    'alerts.values': (input) => alertValues(parts, input),
    'alerts.assign': async ({ selection, owner }) =>
      moving(store.call('assign_alerts', { selection: await chosen(selection), owner, ...(await acting()) })),
    'alerts.get': async ({ alertId, isBlind, isAhead }) => {
      const known = await alertDetail({ services, texts, modelOf: (id) => models.of(id) }, alertId, { isBlind });
      // It was viewed when it was decided.
      if (!known.row.isViewed && !isAhead && !isBlind)
        await store.call('mark_viewed', { alertId, actor: await services.actor() });
      return known;
    },
    'alerts.viewed': async ({ alertId }) => {
      await store.call('mark_viewed', { alertId, actor: await services.actor() });
      return null;
    },
    'alerts.evidence': (input) => modelEvidence({ services, texts, modelOf: (id) => models.of(id) }, input),
    'alerts.context': async ({ alertId, lines }) => {
      const { row } = await store.call('get_alert', { alertId, now: host.now() });
      const [anchor] = await store.call('get_events', { ids: [row.eventId], maxChars: listChars });
      return anchor ? around(services, anchor, lines) : { before: [], after: [] };
    },
    'alerts.context_by_time': async ({ alertId, withinMs }) => {
      const { row } = await store.call('get_alert', { alertId, now: host.now() });
      if (row.at === null) return { before: [], after: [], isCut: false };
      const near = { eventId: row.eventId, at: row.at, withinMs, limit: mostAround, maxChars: listChars };
      const { before, after, isCut } = await store.call('lines_around_time', near);
      const named = (event: EventRecord): LogLine & { sourceName: string } => ({
        ...toLogLine(event),
        sourceName: event.sourceName,
      });
      return { before: before.map(named), after: after.map(named), isCut };
    },

    'api.get': () => api.state,
    'api.set': (settings) => api.set(settings),
    'api.test': () => api.test(),
    'api.tokens': () => api.tokens.list(),
    'api.create_token': ({ name }) => api.createToken(name),
    'api.revoke_token': async ({ tokenId }) => {
      await api.revokeToken(tokenId);
      return api.tokens.list();
    },

    'folding.get': folding,
    'folding.set': async (value) => {
      await store.call('set_setting', { key: 'folding', value, actor: await services.actor() });
      await changing(foldAgain(services));
      return folding();
    },

    'verdicts.give': ({ alertId, ...given }) =>
      taught(moving(teaching.give({ ...given, selection: { kind: 'ids', ids: [alertId] } }))),
    'verdicts.give_many': async ({ selection, ...given }) =>
      taught(moving(teaching.give({ ...given, selection: await chosen(selection) }))),
    'verdicts.preview_wide': async ({ selection }) =>
      store.call('preview_wide_fold', { selection: await chosen(selection), ...(await context()) }),
    'teach.missed': ({ eventId, note }) =>
      changing(markMissed(services, { teaching, judging: () => scoring.judging() }, eventId, note)),
    'teach.answer': async (input) => store.call('answer_again', { ...input, actor: await services.actor() }),
    'learning.report': ({ zone, days }) => readLearning(services, zone, days),
    'learning.contradictions': () => listContradictions(services, texts),
    'actions.undo': () => stepping('undo'),
    'actions.redo': () => stepping('redo'),

    'mutes.list': () => store.call('list_mutes', undefined),
    'mutes.preview': async ({ filter, zone }) => {
      const query = {
        tab: 'open' as const,
        filter,
        zone,
        asOf: null,
        order: 'severity' as const,
        ...(await context()),
      };
      const [{ total }, page] = await Promise.all([
        store.call('summarise_alerts', { ...query, pageSize: 1000 }),
        store.call('list_alerts', { ...query, after: null, until: null, limit: 5 }),
      ]);
      return { total, rows: await toAlertRows(page.rows, texts) };
    },
    'mutes.add': (input) => changing(mutes.add(input)),
    'mutes.lift': ({ muteId }) => changing(mutes.lift(muteId)),

    'views.list': async () => ((await store.call('get_setting', { key: viewsKey })) as SavedView[] | null) ?? [],
    'views.save': async ({ views }) => {
      await store.call('set_setting', { key: viewsKey, value: views, actor: await services.actor() });
      return views;
    },

    'explanations.settings': () => explanations.settings(),
    'explanations.set': (settings) => explanations.set(settings),
    'explanations.test': ({ address }) => explanations.test(address),
    'explanations.get': ({ alertId }) => explanations.get(alertId),
    'explanations.start': async ({ alertId, again }) => (await explanations.start(alertId, again)).begun,
    'explanations.cancel': ({ alertId }) => {
      explanations.cancel(alertId);
      return null;
    },
    'explanations.keep': ({ alertId, caseId }) => changing(explanations.keep(alertId, caseId)),

    'overview.get': ({ zone, days }) => readOverview(services, zone, days),
    'entities.list': () => listEntities(services, texts),
    'entities.get': ({ zone, ...entity }) => readEntity(services, texts, entity, zone),

    'presets.choose': async ({ preset }) => {
      await changing(choosePreset({ services, models, thresholds }, preset));
      const [chosen, threshold] = await Promise.all([chosenPreset(services), currentThreshold(services)]);
      return { chosen, inForce: threshold?.preset ?? null };
    },

    'outputs.list': () => outputs.list(),
    'outputs.set': async ({ settings, secret }) => ({
      ...(await outputs.set(settings, secret)),
      outputs: await outputs.list(),
    }),
    'outputs.test': async ({ settings, secret }) => {
      await outputs.test(settings, secret);
      return null;
    },
    'learning.settings': () => thresholds.learning(),
    'learning.set': async (settings) => {
      await thresholds.setLearning(settings);
      return thresholds.learning();
    },

    'learning.pending': () => [...thresholds.pending],
    'learning.confirm': async () => {
      await thresholds.confirmPending();
      return null;
    },
    'memory.list': async () => {
      const entries = await store.call('list_memory', undefined);
      const textOf = await texts.of(entries.map(({ templateIndex }) => templateIndex));
      return entries.map((entry) => ({ ...entry, template: textOf(entry.templateIndex) }));
    },
    'memory.forget': async ({ number }) =>
      changing(store.call('forget_memory', { number, actor: await services.actor() })),

    'thresholds.list': () => allThresholds(services),
    'thresholds.runs': () => runShares(services),
    'thresholds.set_following': async ({ isOn }) => {
      await thresholds.setFollowing(isOn);
      return { isOn };
    },
    'thresholds.set_budget': async ({ budget }) => {
      await thresholds.setBudget(budget);
      const threshold = await currentThreshold(services);
      if (!threshold) throw new AppError('CONFLICT', 'The budget is kept and takes effect when a model has learned.');
      return threshold;
    },
    'thresholds.revert': async ({ version }) => {
      await thresholds.revert(version);
      const threshold = await currentThreshold(services);
      if (!threshold) throw new AppError('INTERNAL', 'No threshold is in force.');
      return threshold;
    },
    'models.list': () => listModels(services),
    'models.use': async ({ modelId }) => {
      await models.use(modelId);
      return listModels(services);
    },
    'models.read_without': async ({ reads }) => {
      await models.readWithout(reads);
      return listModels(services);
    },
    'models.estimate': (asked) => estimateTraining(services, withProvider(asked)),
    'models.train': async (asked) => {
      const { jobId } = await work.startTraining(withProvider(asked), await sourceNames(asked.sourceIds));
      return { jobId };
    },
    'models.delete': async ({ modelId }) => {
      await changing(models.delete(modelId));
      return listModels(services);
    },
    'models.continue': ({ modelIds, ...input }) => continueWith(services, modelIds, input),

    ...classifierHandlers(parts, changes.all),

    'retrain.plan': async () => retrainPlan(services, await models.inUse(), new AbortController().signal),
    'retrain.start': async (options) => {
      const { jobId } = await work.startRetraining(options);
      return { jobId };
    },
    'retrain.list': () => proposals.list(),
    'retrain.get': ({ modelId }) => proposals.get(modelId),
    'retrain.adopt': async ({ modelId, override }) => {
      const { retraining, sourceIds } = await changing(proposals.adopt(modelId, override));
      return { retraining, jobId: await scoredAgain(sourceIds) };
    },
    'retrain.discard': ({ modelId }) => changing(proposals.discard(modelId)),
    'retrain.rollback': async ({ modelId }) => {
      const { model, sourceIds } = await changing(proposals.rollBack(modelId));
      return { modelId: model.id, modelNumber: model.number, jobId: await scoredAgain(sourceIds) };
    },

    'engine.get': () => providers.report(),
    'engine.pin': async ({ provider }) => {
      await providers.pin(provider);
      return providers.report();
    },
    'engine.try': () => {
      void providers.try({ again: true });
      return providers.report();
    },
    'diagnostics.get': async () => ({
      fileName: 'surprisal-diagnostics.json',
      mediaType: 'application/json',
      text: await providers.diagnosticsText(),
    }),

    ...caseHandlers(parts, { changing, chosen, minScore }),
    ...reportHandlers(parts),
  };
}
