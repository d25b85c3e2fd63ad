/** @file The store as a served set of methods: open and close, and everything in between for an open workspace. */
import { AppError } from '../../shared/errors.ts';
import type { Handlers } from '../../shared/port.ts';
import { Transferred } from '../../shared/port.ts';
import type { OpenMethods } from './methods.ts';
import type { Store } from './open.ts';
import { openStore } from './open.ts';
import { backUp } from './backup.ts';
import { storageFailure } from './failures.ts';
import { workspacePaths } from './paths.ts';
import { verifyAudit } from './verifyAudit.ts';
import { findOffer, restoreBackup } from './restore.ts';
import type { StoreMethods } from './protocol.ts';

type Method = (input: unknown, context: unknown) => unknown;

/** How each method's output leaves the thread: as a copy, or as typed arrays whose buffers move. Exhaustive by its type. */
const outputs: Record<keyof OpenMethods, 'copied' | 'moved'> = {
  get_setting: 'copied',
  set_setting: 'copied',
  list_outputs: 'copied',
  set_output: 'copied',
  outgoing_alerts: 'copied',
  changed_alerts: 'copied',
  count_outgoing: 'copied',
  mark_sent: 'copied',
  begin_source: 'copied',
  find_open_import: 'copied',
  list_templates_before: 'copied',
  digest_events: 'copied',
  resize_source: 'copied',
  append_events: 'copied',
  finish_source: 'copied',
  abandon_imports: 'copied',
  delete_source: 'copied',
  index_text: 'copied',
  list_sources: 'copied',
  find_source: 'copied',
  add_watch: 'copied',
  set_watch: 'copied',
  list_watches: 'copied',
  list_follows: 'copied',
  begin_follow: 'copied',
  read_follow: 'copied',
  append_follows: 'copied',
  read_ends: 'copied',
  open_api: 'copied',
  add_api_token: 'copied',
  list_api_tokens: 'copied',
  revoke_api_token: 'copied',
  find_api_line: 'copied',
  flagged_event: 'copied',
  api_verdicts: 'copied',
  mark_scored: 'copied',
  read_session_keys: 'copied',
  list_templates: 'copied',
  get_templates: 'copied',
  freeze_templates: 'copied',
  read_keys: 'moved',
  read_values: 'moved',
  read_sessions: 'moved',
  read_lines: 'copied',
  read_raws: 'copied',
  read_rows: 'copied',
  row_of_line: 'copied',
  search_text: 'copied',
  get_events: 'copied',
  get_session: 'copied',
  session_events: 'copied',
  replace_run: 'copied',
  raise_alerts: 'copied',
  list_alerts: 'copied',
  summarise_alerts: 'copied',
  count_new_alerts: 'copied',
  group_alerts: 'copied',
  alert_sparklines: 'copied',
  alert_values: 'copied',
  alert_counts: 'copied',
  find_alert: 'copied',
  get_alert: 'copied',
  list_culprits: 'copied',
  list_repeats: 'copied',
  nearest_decided: 'copied',
  fold_again: 'copied',
  mark_viewed: 'copied',
  give_verdict: 'copied',
  give_verdict_to_many: 'copied',
  preview_wide_fold: 'copied',
  undo_action: 'copied',
  redo_action: 'copied',
  assign_alerts: 'copied',
  mute_alerts: 'copied',
  lift_mute: 'copied',
  list_mutes: 'copied',
  expire_mutes: 'copied',
  labelled_scores: 'copied',
  list_teach: 'copied',
  answer_again: 'copied',
  mark_missed: 'copied',
  read_learning: 'copied',
  list_contradictions: 'copied',
  judged_rows: 'copied',
  rescore_alerts: 'copied',
  fold_late: 'copied',
  list_memory: 'copied',
  forget_memory: 'copied',
  add_threshold: 'copied',
  current_threshold: 'copied',
  list_thresholds: 'copied',
  get_threshold: 'copied',
  recent_thresholds: 'copied',
  add_model: 'copied',
  update_model: 'copied',
  use_model: 'copied',
  list_models: 'copied',
  list_model_uses: 'copied',
  adopt_model: 'copied',
  list_retrainings: 'copied',
  count_adopted: 'copied',
  propose_model: 'copied',
  set_gate_report: 'copied',
  adopt_retraining: 'copied',
  discard_retraining: 'copied',
  list_alert_numbers: 'copied',
  read_alert_windows: 'copied',
  read_labelled_alerts: 'copied',
  read_log_alerts: 'copied',
  read_alerts_said: 'copied',
  count_verdicts: 'copied',
  newest_verdict: 'copied',
  remove_model: 'copied',
  list_classifiers: 'copied',
  add_classifier: 'copied',
  update_classifier: 'copied',
  remove_classifier: 'copied',
  list_runs: 'copied',
  count_judged: 'copied',
  logs_by_model: 'copied',
  list_awaited_logs: 'copied',
  add_job: 'copied',
  list_jobs: 'copied',
  set_job_input: 'copied',
  begin_job: 'copied',
  suspend_jobs: 'copied',
  end_job: 'copied',
  create_case: 'copied',
  add_case_alerts: 'copied',
  add_to_case: 'copied',
  remove_case_alerts: 'copied',
  move_case_alerts: 'copied',
  split_case: 'copied',
  merge_cases: 'copied',
  get_explanation: 'copied',
  put_explanation: 'copied',
  keep_explanation: 'copied',
  set_explanations: 'copied',
  add_task: 'copied',
  apply_template: 'copied',
  update_task: 'copied',
  link_cases: 'copied',
  add_attachment: 'copied',
  set_phases: 'copied',
  suggest_alerts: 'copied',
  refuse_alerts: 'copied',
  update_case: 'copied',
  add_note: 'copied',
  list_cases: 'copied',
  get_case: 'copied',
  append_audit: 'copied',
  read_case_whole: 'copied',
  read_bundled_audit: 'copied',
  read_bundled_alerts: 'copied',
  get_bundled_alert: 'copied',
  find_case: 'copied',
  begin_bundle: 'copied',
  stage_alerts: 'copied',
  stage_audit: 'copied',
  finish_bundle: 'copied',
  discard_bundles: 'copied',
  remove_attachment: 'copied',
  known_contents: 'copied',
  get_report_text: 'copied',
  set_report_text: 'copied',
  get_case_facts: 'copied',
  find_sightings: 'copied',
  verify_audit: 'copied',
  verify_new_audit: 'copied',
  size: 'copied',
  severe_since: 'copied',
  read_entity: 'copied',
  open_alerts_by_severity: 'copied',
  lines_around_time: 'copied',
  newest_alert_at: 'copied',
  read_overview: 'copied',
  read_period: 'copied',
  add_handover_note: 'copied',
  totals: 'copied',
};

function moved(output: unknown): unknown {
  const buffers = Object.values(output as Record<string, ArrayBufferView>).map(({ buffer }) => buffer);
  return new Transferred(output, buffers);
}

export function createStoreService(): Handlers<StoreMethods> {
  let store: Promise<Store> | undefined;
  const ask =
    (name: keyof OpenMethods): Method =>
    async (input, context) => {
      if (!store) throw new AppError('CONFLICT', 'No workspace is open.');
      const { methods } = await store;
      const output = await (methods[name] as Method)(input, context);
      return outputs[name] === 'moved' ? moved(output) : output;
    };
  const names = Object.keys(outputs) as (keyof OpenMethods)[];
  const answers = Object.fromEntries(names.map((name) => [name, ask(name)])) as Handlers<OpenMethods>;
  return {
    ...answers,
    open: async (input) => {
      if (store) throw new AppError('CONFLICT', 'A workspace is open already. Close it first.');
      store = openStore(input);
      try {
        return (await store).opened;
      } catch (error) {
        store = undefined;
        throw error;
      }
    },
    back_up: ({ directory, ...input }) => {
      const paths = workspacePaths(directory);
      try {
        return backUp(paths, input);
      } catch (error) {
        throw storageFailure(error, paths);
      }
    },
    verify_workspace: ({ directory, head }) => verifyAudit(workspacePaths(directory), head),
    find_offer: ({ directory }) => findOffer(workspacePaths(directory)),
    restore_backup: ({ directory, ...input }) => restoreBackup(workspacePaths(directory), input),
    close: async () => {
      const closing = store;
      store = undefined;
      (await closing)?.close();
    },
  };
}
