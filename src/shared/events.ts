/** @file What main tells the renderer unasked: small, typed, coalesced to at most ten a second per topic. */
import type { AlertCounts } from './alertLists.ts';
import type { Job } from './jobs.ts';
import type { StartState, Status } from './workspace.ts';
import type { EngineReport } from './engineReport.ts';
import type { Explanation } from './explanations.ts';
import type { SevereArrivals } from './window.ts';

export type AppEvents = {
  /** The workspace opened, or something in it could not be read. */
  'start.changed': StartState;
  'status.changed': Status;
  'job.changed': Job;
  /** New or changed alerts; the list is asked for again. */
  'alerts.changed': { counts: AlertCounts };
  /** Severe alerts came since this was last told. */
  'alerts.severe': SevereArrivals;
  /** `openMoved`: open alerts that came above it; below zero: that fell below. */
  'threshold.changed': { version: number; reason: string; text: string; openMoved: number };
  'sources.changed': { count: number };
  'models.changed': { count: number };
  'cases.changed': { count: number };
  'engine.changed': EngineReport;
  /** A language model writes: the text so far. */
  'explanation.changed': Explanation;
  /** The window is about to close (Electron only): the page says what it still saves. */
  'window.closing': null;
  /** The window's own menu (Electron only): the id of one of the page's commands. */
  'menu.chosen': { command: string };
};

export type AppEventName = keyof AppEvents;
export type AppEvent = { [K in AppEventName]: { topic: K; data: AppEvents[K] } }[AppEventName];
