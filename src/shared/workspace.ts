/** @file The workspace, its backups, and how the app is. */
import type { ApiState } from './api.ts';
import type { EngineFailure, EngineFigures } from './engineReport.ts';
import type { ErrorCode } from './errors.ts';
import type { Instant } from './instant.ts';
import type { Preset } from './presets.ts';
import type { Budget } from './thresholds.ts';

/** A verified copy of the database in the workspace's backups folder. */
export type Backup = { name: string; madeAt: Instant; sizeBytes: number };

export type WorkspaceContents = {
  logs: number;
  events: number;
  alerts: number;
  verdicts: number;
  cases: number;
  models: number;
};

/** The backup to go back to. `lacks` is what the damaged database can still be seen to hold beyond it; null where it cannot be read. */
export type RestoreOffer = Backup & {
  contents: WorkspaceContents;
  lacks: { verdicts: number; logs: number; cases: number } | null;
};

/** Whether the workspace is open. Blocked: it is not. Damaged: it is, and something in it could not be read. */
export type StartState =
  | { state: 'open' }
  | {
      state: 'blocked' | 'damaged';
      code: ErrorCode;
      message: string;
      directory: string;
      offer: RestoreOffer | null;
    };

export type Status = {
  engine: {
    state: 'idle' | 'scoring' | 'failed';
    provider: string;
    message: string;
    /** What should run the models and does not, since when and why. */
    fallback: EngineFailure | null;
    figures: EngineFigures;
  };
  linesPerSecond: number | null;
  /** Logs that are followed; null where none is. `name` where there is one. */
  live: {
    name: string | null;
    sourceCount: number;
    /** Files that are not there, or cannot be read. */
    waiting: number;
    lagBytes: number;
    lagMs: number;
    linesPerSecond: number;
    trouble: string | null;
  } | null;
  sourceCount: number;
  eventCount: number;
  unreadableLines: number;
  /** Lines beyond the most kinds that are told apart: all of a program's are one kind. */
  unsortedLines: number;
  model: { id: string; number: number; name: string } | null;
  threshold: { version: number; score: number; meaning: string } | null;
  budget: Budget;
  /** Chosen for what is learned from now on, and what judges now; null while no model is in use. */
  preset: { chosen: Preset; inForce: Preset | null };
  openAlerts: number;
  /** Alerts per day or per 100,000 lines, as the budget counts, over everything scored. */
  shownPerPeriod: number;
  savedText: 'Verdicts saved' | 'Not saved';
  /** `problem`: why the last attempt made none. */
  backup: { newest: Backup | null; problem: string | null };
  /** Of this app's own API. */
  api: ApiState;
  /** What leaves this machine, as the user set it up; null where nothing does. */
  networkText: string | null;
  /** What an analyst should know of how alerts are decided just now: a model of before, a log that changed. */
  notices: string[];
  /** The threshold follows slow changes of what is followed. */
  followsDrift: boolean;
};

export type Workspace = {
  id: string;
  name: string;
  directory: string;
  analyst: string;
  isEmpty: boolean;
  appVersion: string;
  /** True in Electron: files are chosen by the host's own dialog instead of being uploaded. */
  hasFileDialog: boolean;
};
