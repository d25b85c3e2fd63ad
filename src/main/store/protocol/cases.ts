/** @file Cases: their alerts, parts and explanations, and what a report says of them. */
import type { Actor } from './workspace.ts';
import type { Acting } from './verdicts.ts';
import type { AlertRecord } from './alerts.ts';
import type { ReportText } from '../../../shared/report.ts';
import type { SourceFormat, TimeAssumption } from '../../../shared/lines.ts';
import type { ExplanationSettings, KeptExplanation } from '../../../shared/explanations.ts';
import type { AlertRow } from '../../../shared/alerts.ts';
import type { Instant } from '../../../shared/instant.ts';
import type { VerdictValue } from '../../../shared/verdicts.ts';
import type {
  Attachment,
  CaseChange,
  CaseDetail,
  CasePhase,
  CaseRow,
  Relation,
  TaskChange,
} from '../../../shared/cases.ts';

export type CaseRecord = CaseRow;

export type CaseMethods = {
  create_case: { input: { caseId: string; title: string; alertIds: string[]; actor: Actor }; output: CaseRecord };
  add_case_alerts: { input: { caseId: string; alertIds: string[]; actor: Actor }; output: CaseRecord };
  add_to_case: { input: Acting & { caseId: string }; output: CaseRecord };
  remove_case_alerts: { input: { caseId: string; alertIds: string[]; actor: Actor }; output: CaseRecord };
  /** Gives the case they are in then. */
  move_case_alerts: {
    input: { caseId: string; intoId: string; alertIds: string[]; actor: Actor };
    output: CaseRecord;
  };
  /** All or nothing: the alerts become a case of their own, linked to the one they were in. Throws CONFLICT where none is in it. */
  split_case: {
    input: { caseId: string; intoId: string; title: string; alertIds: string[]; actor: Actor };
    output: CaseRecord;
  };
  /** `caseId` goes into the other one, which is given. */
  merge_cases: { input: { caseId: string; intoId: string; actor: Actor }; output: CaseRecord };
  update_case: { input: CaseChange & { caseId: string; actor: Actor }; output: CaseRecord };
  add_note: { input: { noteId: string; caseId: string; text: string; actor: Actor }; output: undefined };
  /** Of one model, the newest. Null: it was not asked. */
  get_explanation: {
    input: { alertId: string; model: string; promptVersion: number };
    output: { fingerprint: string; text: string; isCut: boolean; madeAt: Instant; keptWith: string[] } | null;
  };
  put_explanation: {
    input: {
      alertId: string;
      explanation: {
        model: string;
        promptVersion: number;
        fingerprint: string;
        text: string;
        isCut: boolean;
        madeAt: Instant;
      };
    };
    output: undefined;
  };
  keep_explanation: {
    input: { caseId: string; explanation: Omit<KeptExplanation, 'keptBy' | 'addedAt'>; actor: Actor };
    output: undefined;
  };
  set_explanations: { input: { settings: ExplanationSettings; actor: Actor }; output: undefined };
  add_task: {
    input: {
      taskId: string;
      caseId: string;
      title: string;
      owner: string | null;
      dueAt: Instant | null;
      actor: Actor;
    };
    output: undefined;
  };
  /** Tags beside those that are there, tasks and a note, all at once. */
  apply_template: {
    input: {
      caseId: string;
      tags: string[];
      tasks: { taskId: string; title: string }[];
      note: { noteId: string; text: string } | null;
      actor: Actor;
    };
    output: undefined;
  };
  update_task: { input: TaskChange & { caseId: string; taskId: string; actor: Actor }; output: undefined };
  link_cases: { input: { caseId: string; otherId: string; isLinked: boolean; actor: Actor }; output: undefined };
  /** The file is there, by its hash, before this is called. */
  add_attachment: {
    input: { caseId: string; attachment: Omit<Attachment, 'addedBy' | 'addedAt'>; actor: Actor };
    output: undefined;
  };
  set_phases: { input: { caseId: string; phases: CasePhase[]; actor: Actor }; output: undefined };
  suggest_alerts: {
    input: { caseId: string; minScore: number; limit: number };
    output: { suggestions: { alert: AlertRecord; relations: Relation[] }[]; refusedCount: number };
  };
  refuse_alerts: {
    input: { caseId: string; alertIds: string[]; isRefused: boolean; actor: Actor };
    output: undefined;
  };
  /** Without those that were merged into another. */
  list_cases: { input: undefined; output: CaseRecord[] };
  /** With all that its parts have. */
  get_case: {
    input: { caseId: string; now: Instant };
    output: Omit<CaseDetail, 'row' | 'alerts' | 'auditIsIntact' | 'auditCount' | 'auditHead'> & {
      record: CaseRecord;
      alerts: AlertRecord[];
      /** Those that came with a bundle. */
      bundled: AlertRow[];
    };
  };

  get_report_text: { input: { caseId: string }; output: ReportText };
  set_report_text: { input: { caseId: string; text: ReportText; actor: Actor }; output: undefined };
  /** What a report has beside its alerts: logs that they are from, entries of the audit on the case and on them, all verdicts in force. */
  get_case_facts: {
    input: { caseId: string };
    output: {
      text: ReportText;
      sources: {
        id: number;
        name: string;
        format: SourceFormat;
        sizeBytes: number;
        lineCount: number;
        sha256: string | null;
        assumption: TimeAssumption;
        importedAt: Instant;
        path: string | null;
        isFollowed: boolean;
      }[];
      audit: { sequence: number; at: Instant; analyst: string; action: string; subject: string; details: string }[];
      labels: Record<VerdictValue, number>;
    };
  };
};
