/**
 * @file The request contract between renderer and main: one schema per input, one type per output. The table is the whole attack surface: what is
 * not in it is not answered. Its routes are written in `routes/`, one file per concern.
 */
import type { z } from 'zod';
import { alertsRoutes } from './routes/alerts.ts';
import { casesRoutes } from './routes/cases.ts';
import { classifiersRoutes } from './routes/classifiers.ts';
import { explanationsRoutes } from './routes/explanations.ts';
import { jobsRoutes } from './routes/jobs.ts';
import { logsRoutes } from './routes/logs.ts';
import { modelsRoutes } from './routes/models.ts';
import { outgoingRoutes } from './routes/outgoing.ts';
import { reportsRoutes } from './routes/reports.ts';
import { retrainingRoutes } from './routes/retraining.ts';
import { startRoutes } from './routes/start.ts';
import { verdictsRoutes } from './routes/verdicts.ts';
import { windowRoutes } from './routes/window.ts';
import { workspaceRoutes } from './routes/workspace.ts';

export const routes = {
  ...startRoutes,
  ...workspaceRoutes,
  ...windowRoutes,
  ...logsRoutes,
  ...jobsRoutes,
  ...alertsRoutes,
  ...explanationsRoutes,
  ...verdictsRoutes,
  ...outgoingRoutes,
  ...modelsRoutes,
  ...classifiersRoutes,
  ...retrainingRoutes,
  ...casesRoutes,
  ...reportsRoutes,
};

export type Routes = typeof routes;
export type RouteName = keyof Routes;
/** What a caller gives; fields with defaults may be left out. */
export type RouteInput<R extends RouteName> = z.input<Routes[R]['input']>;
/** What a handler receives. */
export type ParsedInput<R extends RouteName> = z.output<Routes[R]['input']>;
export type RouteOutput<R extends RouteName> = Routes[R]['output'];
