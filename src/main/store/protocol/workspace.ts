/** @file The workspace itself: opening, settings, backups, jobs that outlive the app, and the audit. */
import type { Backup, RestoreOffer } from '../../../shared/workspace.ts';
import type { Instant } from '../../../shared/instant.ts';

/** `head`: as reports name it. `brokenAt`: sequence number of the first entry that does not fit. */
export type AuditEnd = { count: number; head: string; brokenAt: number | null };
export type AuditReport = {
  /** Entries that fit, from the first on. */
  count: number;
  /** The length and last hash of the chain: "214:3f2a…". */
  head: string;
  /** The entry from which on something was changed, taken away or put in. */
  brokenAt: number | null;
  /** In words, where it is broken. */
  finding: string | null;
  /** Backups, and whether their own chain is the beginning of this one. */
  backups: { name: string; agrees: boolean }[];
};

export type OpenInput = {
  /** Workspace folder; made if missing. Holds surprisal.db, backups/, models/. */
  directory: string;
  appVersion: string;
  now: Instant;
  /** Random values from the host: the workspace id and the 32-byte key of keyed hashes, used only when the database is new. */
  newWorkspaceId: string;
  newHashKey: Uint8Array;
  /** Login name; the first analyst name of a new workspace. */
  userName: string;
};

export type OpenOutput = {
  workspaceId: string;
  name: string;
  analyst: string;
  hashKey: Uint8Array;
  /** Set when an older database was migrated: the backup made first. */
  backupPath: string | null;
  /** With the audit entry it ends at: later entries are changes it lacks. */
  newestBackup: (Backup & { sequence: number }) | null;
};

/** A job that was asked for and has not ended. */
export type UnfinishedJob = {
  id: string;
  kind: string;
  subject: string;
  input: unknown;
  startedAt: Instant;
  /** How far it was when it was last begun, and how often it was begun there. */
  place: string;
  attempts: number;
};

export type NewJob = Pick<UnfinishedJob, 'id' | 'kind' | 'subject' | 'input' | 'startedAt'>;

export type Actor = { analyst: string; at: Instant };

export type WorkspaceMethods = {
  open: { input: OpenInput; output: OpenOutput };
  close: { input: undefined; output: undefined };
  /**
   * Answered whether or not a workspace is open here: a large one is copied by a thread of its own. `made` is null where less than twice
   * the database's size is free. Throws STORE_CORRUPT when the copy is not sound.
   */
  back_up: {
    /** `mostAttachedBytes`: of attachments that are not beside the backups yet. */
    input: { directory: string; now: Instant; mostAttachedBytes?: number };
    output:
      | {
          made: Backup & { sequence: number };
          lacking: { count: number; neededBytes: number; freeBytes: number } | null;
        }
      | { made: null; neededBytes: number; freeBytes: number };
  };
  /** The newest sound backup of a workspace that is not open. */
  find_offer: { input: { directory: string }; output: RestoreOffer | null };
  /** The audit checked from outside, whoever has the workspace open; `head` as a report named it. Reads only. */
  verify_workspace: { input: { directory: string; head: string | null }; output: AuditReport };
  /** `keptAs`: where the damaged database is now. Throws WORKSPACE_IN_USE, and NOT_FOUND where `name` is not the one offered. */
  restore_backup: {
    input: { directory: string; name: string; now: Instant; analyst: string };
    output: { keptAs: string | null };
  };
  get_setting: { input: { key: string }; output: unknown };
  /** Value is JSON. `analyst` and `name` of the workspace are settings too. */
  set_setting: { input: { key: string; value: unknown; actor: Actor }; output: undefined };

  add_job: { input: NewJob; output: undefined };
  list_jobs: { input: undefined; output: UnfinishedJob[] };
  set_job_input: { input: { id: string; input: unknown }; output: undefined };
  /** Counted until it ends, or is suspended because the app closes. */
  begin_job: { input: { id: string; place: string }; output: undefined };
  suspend_jobs: { input: { ids: string[] }; output: undefined };
  /** `givenUp`: it was not done, and the audit says so. */
  end_job: {
    input: { id: string; givenUp?: Pick<UnfinishedJob, 'kind' | 'attempts'> & { actor: Actor } };
    output: undefined;
  };
  /** Appends an entry to the hash chain for an action that changes nothing here, as an export. What changes something appends its own. */
  append_audit: {
    input: { action: string; subject: string; details: Record<string, unknown>; actor: Actor };
    output: undefined;
  };
  /** Walks the chain. `brokenAt`: sequence number of the first entry that does not fit. */
  verify_audit: { input: undefined; output: AuditEnd };
  /** The same of what came since the chain was found sound last, in this start of the app: of a long chain the whole takes seconds. */
  verify_new_audit: { input: undefined; output: AuditEnd };
  /** Of the database with its log; `entryCount` counts the audit's entries: every change that matters has one. */
  size: { input: undefined; output: { sizeBytes: number; entryCount: number } };
  totals: {
    input: undefined;
    output: {
      sources: number;
      events: number;
      unreadableLines: number;
      unsortedLines: number;
      models: number;
      /** Without those that were merged into others. */
      cases: number;
    };
  };
};
