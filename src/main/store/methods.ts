/** @file Everything that can be asked of an open database, put together from its statements. */
import { AppError } from '../../shared/errors.ts';
import type { Handlers } from '../../shared/port.ts';
import { prepareActions, prepareJournal } from './actions.ts';
import { prepareAlertPlaces } from './alertPlaces.ts';
import { prepareAlertRows } from './alertRows.ts';
import { prepareAlerts } from './alerts.ts';
import { prepareAlertSummaries } from './alertSummaries.ts';
import { prepareAlertValues } from './alertValues.ts';
import { prepareAlertWindows } from './alertWindows.ts';
import { prepareApiLines } from './apiLines.ts';
import { prepareApiTokens } from './apiTokens.ts';
import { prepareAudit } from './audit.ts';
import { prepareAttachments } from './attachments.ts';
import { prepareAwaitedLogs } from './awaitedLogs.ts';
import { prepareBundleNumbers } from './bundleNumbers.ts';
import { prepareBundles } from './bundles.ts';
import { prepareCaseAlerts } from './caseAlerts.ts';
import { prepareCaseParts } from './caseParts.ts';
import { prepareCaseReports } from './caseReports.ts';
import { prepareCaseRows } from './caseRows.ts';
import { prepareCaseSuggestions } from './caseSuggestions.ts';
import { prepareCases } from './cases.ts';
import { prepareClassifiers } from './classifiers.ts';
import { prepareCounters } from './counters.ts';
import { prepareEventBlocks } from './eventBlocks.ts';
import { prepareEntities } from './entities.ts';
import { prepareEventRows } from './eventRows.ts';
import { prepareEvents } from './events.ts';
import { prepareExplanations } from './explanations.ts';
import { prepareFollows } from './follows.ts';
import { prepareImports } from './imports.ts';
import { prepareInForce } from './inForce.ts';
import { prepareLearningRows } from './learningRows.ts';
import { prepareJobs } from './jobs.ts';
import { prepareMemory } from './memory.ts';
import { prepareModels } from './models.ts';
import { prepareModelUses } from './modelUses.ts';
import { prepareMoments } from './moments.ts';
import { prepareMutes } from './mutes.ts';
import { prepareOpenImports } from './openImport.ts';
import { prepareOutputs } from './outputs.ts';
import { prepareOwners } from './owners.ts';
import { prepareOverview } from './overview.ts';
import { preparePeriods } from './periods.ts';
import type { StoreMethods } from './protocol.ts';
import { abandonImports } from './recovery.ts';
import { prepareRemoval } from './removal.ts';
import { prepareRepeats } from './repeats.ts';
import { prepareRetrainings } from './retrainings.ts';
import { prepareRescoring } from './rescoring.ts';
import { prepareRuns } from './runs.ts';
import { prepareSearch } from './search.ts';
import { prepareSessions } from './sessions.ts';
import { prepareSettings } from './settings.ts';
import { prepareSightings } from './sightings.ts';
import { prepareSources } from './sources.ts';
import { createStatementCache } from './statementCache.ts';
import type { Connection } from './statements.ts';
import { inTransaction } from './statements.ts';
import { prepareTeach } from './teach.ts';
import { prepareTargets } from './targets.ts';
import { prepareTemplates } from './templates.ts';
import { prepareTextIndex } from './textIndex.ts';
import { prepareThresholds } from './thresholds.ts';
import { prepareWideFold } from './wideFold.ts';
import { prepareTimePlaces } from './timePlaces.ts';
import { prepareVerdicts } from './verdicts.ts';

/** What an open store answers; opening and closing are its owner's. */
export type OpenMethods = Omit<
  StoreMethods,
  'open' | 'close' | 'back_up' | 'find_offer' | 'restore_backup' | 'verify_workspace'
>;

/** Prepares every statement once; the database must have the newest schema. */
export function createMethods(db: Connection): Handlers<OpenMethods> {
  const audit = prepareAudit(db);
  const counters = prepareCounters(db);
  const settings = prepareSettings(db, audit);
  const sources = prepareSources(db);
  const sessions = prepareSessions(db);
  const templates = prepareTemplates(db);
  const textIndex = prepareTextIndex(db);
  const openImports = prepareOpenImports(db, sources);
  const eventBlocks = prepareEventBlocks(db, { sources });
  const eventRows = prepareEventRows(db, { counters, eventBlocks, sessions });
  const imports = prepareImports(db, { audit, counters, eventRows, openImports, sessions, templates });
  const apiTokens = prepareApiTokens(db, audit);
  const apiLines = prepareApiLines(db);
  const follows = prepareFollows(db, { apiLines, audit, counters, eventRows, openImports, sessions, templates });
  const removal = prepareRemoval(db, { apiLines, audit, eventBlocks, openImports, sources, textIndex });
  const events = prepareEvents(db, { sources, sessions });
  const search = prepareSearch(db, { sources, textIndex });
  const cache = createStatementCache(db);
  const rows = prepareAlertRows(db);
  const alerts = prepareAlerts(db, { rows, audit, textIndex, cache });
  const summaries = prepareAlertSummaries(db, { alerts, textIndex, cache });
  const targets = prepareTargets(db, { textIndex, cache });
  const journal = prepareJournal(db);
  const thresholds = prepareThresholds(db, audit);
  const outputs = prepareOutputs(db, { alerts, audit, rows });
  const mutes = prepareMutes(db, { alerts, audit, journal, textIndex, cache });
  const repeats = prepareRepeats(db, { mutes, settings, thresholds });
  const memory = prepareMemory(db, { audit, journal, repeats, thresholds });
  const verdicts = prepareVerdicts(db, { alerts, audit, journal, memory, targets });
  const owners = prepareOwners(db, { alerts, audit, journal, targets });
  const alertPlaces = prepareAlertPlaces(db, { counters, memory });
  const awaited = prepareAwaitedLogs(db);
  const runs = prepareRuns(db, { audit, awaited, follows, places: alertPlaces, sources, mutes, repeats });
  const classifiers = prepareClassifiers(db, { audit, counters });
  const models = prepareModels(db, { audit, counters });
  const modelUses = prepareModelUses(db);
  const windows = prepareAlertWindows(db);
  const retrainings = prepareRetrainings(db, { audit, models, thresholds, windows });
  const jobs = prepareJobs(db);
  const caseRows = prepareCaseRows(db);
  const caseAlerts = prepareCaseAlerts(db, {
    audit,
    cases: caseRows,
    rows,
    journal,
    targets,
    bundleNumbers: prepareBundleNumbers(db),
  });
  const caseParts = prepareCaseParts(db, { audit, cases: caseRows });
  const attachments = prepareAttachments(db, { audit, cases: caseRows });
  const bundles = prepareBundles(db, { audit, counters, cases: caseRows, settings });
  const cases = prepareCases(db, { audit, counters, rows: caseRows, alerts: caseAlerts, parts: caseParts, bundles });
  const suggestions = prepareCaseSuggestions(db, { audit, cases: caseRows, alerts });
  const explanations = prepareExplanations(db, { audit, cases: caseRows, settings });
  const caseReports = prepareCaseReports(db, { audit, cases: caseRows });
  const teach = prepareTeach(db, { alerts, audit, journal, targets, textIndex, cache });
  const learning = prepareLearningRows(db, { alerts });
  const sightings = prepareSightings(db);
  const values = prepareAlertValues(db, { owners });
  const actions = prepareActions(db, {
    alerts,
    kinds: {
      verdict: verdicts.undoable,
      assign: owners.undoable,
      mute: mutes.undoableMute,
      unmute: mutes.undoableUnmute,
      ...caseAlerts.undoables,
      answer: teach.undoable,
      forget: memory.undoableForget,
    },
  });
  const entities = prepareEntities(db, { rows, textIndex });
  const inForce = prepareInForce(db, {
    ...{ audit, awaited, jobs, memory, models, repeats, retrainings, runs, settings, thresholds, windows },
  });
  const places = prepareTimePlaces(db);
  const moments = prepareMoments(db, places);
  const overview = prepareOverview(db);
  const periods = preparePeriods(db, { alerts, audit, places });
  return {
    get_setting: ({ key }) => settings.get(key),
    set_setting: (input) =>
      inTransaction(db, () => {
        settings.set(input);
        if (input.key === 'folding') repeats.foldAllLater();
        return undefined;
      }),
    list_outputs: outputs.list,
    set_output: outputs.set,
    outgoing_alerts: outputs.outgoing,
    changed_alerts: outputs.changed,
    count_outgoing: outputs.count,
    mark_sent: outputs.markSent,

    begin_source: imports.begin,
    find_open_import: openImports.find,
    list_templates_before: openImports.templates,
    digest_events: openImports.digest,
    resize_source: openImports.resize,
    append_events: imports.append,
    finish_source: imports.finish,
    abandon_imports: ({ actor }) => {
      abandonImports(db, audit, actor);
      return undefined;
    },
    delete_source: removal.remove,
    index_text: async (_input, { signal, progress }) => {
      await removal.purge(signal); // what a removal left when the app ended
      return { indexedCount: await textIndex.fill(signal, progress) };
    },
    list_sources: sources.list,
    find_source: sources.find,
    add_watch: follows.addWatch,
    set_watch: follows.setWatch,
    list_watches: follows.listWatches,
    list_follows: follows.states,
    begin_follow: follows.begin,
    read_follow: follows.read,
    append_follows: follows.append,
    open_api: follows.openApi,
    add_api_token: apiTokens.add,
    list_api_tokens: apiTokens.list,
    revoke_api_token: apiTokens.revoke,
    find_api_line: apiLines.find,
    flagged_event: apiLines.flagged,
    api_verdicts: apiLines.verdicts,
    read_ends: follows.ends,
    mark_scored: follows.markScored,
    list_templates: templates.list,
    get_templates: templates.get,
    freeze_templates: templates.freeze,
    read_keys: events.keys,
    read_values: eventBlocks.read,
    read_sessions: ({ sourceId, afterSessionId, limit }) => {
      sources.range(sourceId); // NOT_FOUND for a source that is gone
      return sessions.page(sourceId, afterSessionId, limit);
    },
    read_session_keys: events.keysOfSessions,
    read_lines: events.lines,
    read_raws: events.raws,
    read_rows: events.rows,
    row_of_line: events.rowOfLine,
    search_text: search.find,
    get_events: events.byIds,
    get_session: ({ sessionId }) => sessions.get(sessionId),
    session_events: events.ofSession,

    replace_run: runs.replace,
    raise_alerts: runs.raise,
    list_alerts: alerts.list,
    summarise_alerts: (input, { signal }) => summaries.summarise(input, signal),
    count_new_alerts: alerts.countNew,
    group_alerts: (input, { signal }) => summaries.group(input, signal),
    alert_sparklines: summaries.sparklines,
    alert_values: values.find,
    alert_counts: ({ minScore }) => alerts.counts(minScore, settings.text('analyst')),
    find_alert: alerts.find,
    get_alert: alerts.get,
    list_culprits: alerts.culprits,
    list_repeats: repeats.list,
    nearest_decided: repeats.nearest,
    fold_again: repeats.foldAgain,
    mark_viewed: alerts.markViewed,
    give_verdict: verdicts.give,
    give_verdict_to_many: verdicts.giveMany,
    preview_wide_fold: prepareWideFold(db, targets),
    undo_action: actions.undo,
    redo_action: actions.redo,
    assign_alerts: owners.assign,
    mute_alerts: mutes.mute,
    lift_mute: mutes.lift,
    list_mutes: mutes.list,
    expire_mutes: mutes.expire,
    labelled_scores: verdicts.labelledScores,
    list_teach: teach.list,
    answer_again: teach.answer,
    mark_missed: runs.markMissed,
    read_learning: learning.read,
    list_contradictions: learning.contradictions,
    judged_rows: verdicts.judgedRows,
    rescore_alerts: prepareRescoring(db, { memory, repeats }),
    fold_late: memory.foldLate,
    list_memory: memory.list,
    forget_memory: memory.forget,

    add_threshold: inForce.addThreshold,
    current_threshold: thresholds.current,
    list_thresholds: thresholds.list,
    get_threshold: thresholds.get,
    recent_thresholds: thresholds.recent,

    add_model: models.add,
    update_model: models.update,
    use_model: inForce.useModel,
    list_model_uses: modelUses.list,
    list_models: models.list,
    remove_model: models.remove,
    list_classifiers: classifiers.list,
    add_classifier: classifiers.add,
    update_classifier: classifiers.update,
    remove_classifier: classifiers.remove,
    list_runs: runs.list,
    count_judged: runs.judged,
    logs_by_model: runs.logsByModel,
    list_awaited_logs: awaited.list,
    adopt_model: inForce.adoptModel,

    list_retrainings: retrainings.list,
    count_adopted: retrainings.countAdopted,
    propose_model: retrainings.propose,
    set_gate_report: retrainings.setReport,
    adopt_retraining: inForce.adoptRetraining,
    discard_retraining: retrainings.discard,
    list_alert_numbers: windows.order,
    read_alert_windows: windows.read,
    read_labelled_alerts: windows.labelled,
    read_log_alerts: windows.ofLog,
    read_alerts_said: windows.said,
    count_verdicts: windows.countVerdicts,
    newest_verdict: windows.newestVerdict,

    add_job: jobs.add,
    list_jobs: jobs.list,
    set_job_input: jobs.setInput,
    begin_job: jobs.begin,
    suspend_jobs: jobs.suspend,
    end_job: ({ id, givenUp }) =>
      inTransaction(db, () => {
        jobs.end({ id });
        if (!givenUp) return undefined;
        const { actor, ...details } = givenUp;
        audit.append({ action: 'job.given_up', subject: id, details, actor });
        return undefined;
      }),

    create_case: cases.create,
    add_case_alerts: ({ alertIds, ...input }) =>
      caseAlerts.addTo({ ...input, selection: { kind: 'ids', ids: alertIds }, minScore: 0 }),
    add_to_case: caseAlerts.addTo,
    remove_case_alerts: caseAlerts.remove,
    move_case_alerts: caseAlerts.move,
    split_case: ({ title, ...move }) =>
      inTransaction(db, () => {
        const { caseId, intoId, actor } = move;
        cases.create({ caseId: intoId, title, alertIds: [], actor });
        caseParts.link({ caseId: intoId, otherId: caseId, isLinked: true, actor });
        const made = caseAlerts.move(move);
        if (made.alertCount > 0) return made;
        throw new AppError('CONFLICT', 'None of these alerts is in that case any more. Nothing was changed.');
      }),
    merge_cases: caseAlerts.merge,
    update_case: cases.update,
    get_explanation: explanations.find,
    put_explanation: explanations.put,
    keep_explanation: explanations.keepWithCase,
    set_explanations: explanations.set,
    add_note: caseParts.addNote,
    add_task: caseParts.addTask,
    apply_template: caseParts.applyTemplate,
    update_task: caseParts.updateTask,
    link_cases: caseParts.link,
    add_attachment: caseParts.addAttachment,
    set_phases: caseParts.setPhases,
    suggest_alerts: suggestions.suggest,
    refuse_alerts: suggestions.refuse,
    list_cases: cases.list,
    get_case: cases.get,
    find_case: ({ caseId }) => caseRows.find(caseId),
    read_case_whole: bundles.whole,
    read_bundled_audit: bundles.audit,
    read_bundled_alerts: bundles.alerts,
    get_bundled_alert: bundles.alert,
    begin_bundle: bundles.begin,
    stage_alerts: bundles.stageAlerts,
    stage_audit: bundles.stageAudit,
    finish_bundle: bundles.finish,
    discard_bundles: bundles.discard,
    remove_attachment: attachments.remove,
    known_contents: attachments.known,

    severe_since: overview.severeSince,
    read_entity: entities.read,
    open_alerts_by_severity: entities.openAlerts,
    lines_around_time: moments.around,
    newest_alert_at: overview.newestAlertAt,
    read_overview: overview.read,
    read_period: periods.read,
    add_handover_note: periods.addNote,

    get_report_text: caseReports.text,
    set_report_text: caseReports.write,
    get_case_facts: caseReports.facts,
    find_sightings: sightings.find,

    append_audit: (input) => {
      inTransaction(db, () => audit.append(input));
      return undefined;
    },
    verify_audit: audit.verify,
    verify_new_audit: audit.verifyNew,
    size: () => ({
      sizeBytes:
        (db.pragma('page_count', { simple: true }) as number) * (db.pragma('page_size', { simple: true }) as number),
      entryCount: audit.count(),
    }),
    totals: () => ({ ...sources.totals(), models: models.count(), cases: caseRows.count() }),
  };
}
