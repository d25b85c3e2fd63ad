/** @file The workspace and the machine: what the status bar says, on what is computed, what can be sent when something is wrong. */
import { z } from 'zod';
import type { Status, Workspace } from '../workspace.ts';
import { providerNames } from '../engineProtocol.ts';
import type { EngineReport } from '../engineReport.ts';
import { lineOfText, nothing, returns } from './parts.ts';

export const workspaceRoutes = {
  'workspace.get': returns<Workspace>().from(nothing),
  'workspace.set_analyst': returns<Workspace>().from(z.strictObject({ name: lineOfText(80) })),
  'status.get': returns<Status>().from(nothing),
  'engine.get': returns<EngineReport>().from(nothing),
  /** Null: the fastest that agrees with the CPU. Refused (CONFLICT) for one that does not, or that failed. */
  'engine.pin': returns<EngineReport>().from(z.strictObject({ provider: z.enum(providerNames).nullable() })),
  /** Tries every provider anew, those that crashed before too; `engine.changed` tells what came of it. */
  'engine.try': returns<EngineReport>().from(nothing),
  /** Versions, machine and providers as a file to send; answers when they have been tried. */
  'diagnostics.get': returns<{ fileName: string; mediaType: string; text: string }>().from(nothing),
};
