/** @file What main tells the renderer unasked: small, typed, coalesced to at most ten a second per topic. */
import type { AlertCounts, Job, StartState, Status } from './domain.ts';
import type { EngineReport } from './engineReport.ts';

/** What the menu of the window asks the page to do: ids of the page's own commands. */
export type MenuCommand = 'app.open' | 'app.keys' | 'go.settings';

export type AppEvents = {
  /** The workspace opened, or something in it could not be read. */
  'start.changed': StartState;
  'status.changed': Status;
  'job.changed': Job;
  /** New or changed alerts; the list is asked for again. */
  'alerts.changed': { counts: AlertCounts };
  'threshold.changed': { version: number; reason: string; text: string };
  'sources.changed': { count: number };
  'models.changed': { count: number };
  'cases.changed': { count: number };
  'engine.changed': EngineReport;
  /** The window's own menu (Electron only). */
  'menu.chosen': { command: MenuCommand };
};

export type AppEventName = keyof AppEvents;
export type AppEvent = { [K in AppEventName]: { topic: K; data: AppEvents[K] } }[AppEventName];
