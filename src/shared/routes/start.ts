/** @file Whether the workspace is open, and the ways on where it is not. Answered also then; all other routes refuse. */
import { z } from 'zod';
import type { StartState } from '../workspace.ts';
import { nothing, returns } from './parts.ts';

export const startRoutes = {
  /** The routes of `start` are answered also where the workspace could not be opened; all others refuse then. */
  'start.get': returns<StartState>().from(nothing),
  /** Tries again to open it. */
  'start.retry': returns<StartState>().from(nothing),
  /** Puts the backup that was offered in the place of a damaged database, which is kept, and opens it. */
  'start.restore': returns<StartState>().from(z.strictObject({ name: z.string().min(1).max(200) })),
};
