/** @file What each request does, by concern as its routes are in `shared/routes/`. Handlers stay short: the work is in the modules they call. */
import type { Changes } from './changes.ts';
import { classifierHandlers } from './classify/handlers.ts';
import type { AppParts } from './createApp.ts';
import { alertHandlers } from './handlers/alerts.ts';
import { caseHandlers } from './handlers/cases.ts';
import { createCommon } from './handlers/common.ts';
import { explanationHandlers } from './handlers/explanations.ts';
import { jobHandlers } from './handlers/jobs.ts';
import { logHandlers } from './handlers/logs.ts';
import { modelHandlers } from './handlers/models.ts';
import { outgoingHandlers } from './handlers/outgoing.ts';
import { reportHandlers } from './handlers/reports.ts';
import { retrainingHandlers } from './handlers/retraining.ts';
import { verdictHandlers } from './handlers/verdicts.ts';
import { windowHandlers } from './handlers/window.ts';
import { workspaceHandlers } from './handlers/workspace.ts';
import type { RouteHandlers } from './router.ts';

export function createHandlers(parts: AppParts, changes: Changes): RouteHandlers {
  const common = createCommon(parts.services, changes);
  return {
    ...workspaceHandlers(parts),
    ...windowHandlers(parts, common),
    ...logHandlers(parts, common),
    ...jobHandlers(parts, common),
    ...alertHandlers(parts, common),
    ...explanationHandlers(parts, common),
    ...verdictHandlers(parts, common, changes),
    ...outgoingHandlers(parts),
    ...modelHandlers(parts, common),
    ...classifierHandlers(parts, changes.all),
    ...retrainingHandlers(parts, common),
    ...caseHandlers(parts, common),
    ...reportHandlers(parts),
  };
}
