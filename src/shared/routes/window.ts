/** @file Files on their way in and out, and what the window does for the page. */
import { z } from 'zod';
import { reasonKinds } from '../alerts.ts';
import type { ChosenFile, Preview } from '../sources.ts';
import { formatIds } from '../lines.ts';
import { menuNames } from '../window.ts';
import { lineOfText, nothing, returns, uid } from './parts.ts';

export const windowRoutes = {
  /** Opens the host's file dialog (Electron only). Empty: the user closed it. */
  'files.choose': returns<ChosenFile[]>().from(nothing),
  /** Saves a file by the host's own dialog (Electron only). Null: the user closed it. */
  'files.save': returns<{ savedAs: string | null }>().from(
    z.strictObject({ name: lineOfText(200), base64: z.base64().max(384 * 1024 * 1024) }),
  ),
  /** Read as `format`, or as what it is taken for. */
  'files.preview': returns<Preview>().from(z.strictObject({ token: uid, format: z.enum(formatIds).optional() })),
  /** Puts the page's commands into the menu of the window (Electron only; elsewhere nothing happens). */
  'window.set_menu': returns<null>().from(
    z.strictObject({
      commands: z
        .array(
          z.strictObject({
            id: z.string().min(1).max(64),
            title: lineOfText(80),
            menu: z.enum(menuNames),
            key: z.string().min(1).max(32).nullable(),
            isEnabled: z.boolean(),
          }),
        )
        .max(300),
    }),
  ),
  /** Tells of severe alerts outside the window, by the system's own notes. False: this host has none, the browser's are to be used. */
  'window.notify': returns<{ isShown: boolean }>().from(
    z.strictObject({
      critical: z.number().int().min(0),
      high: z.number().int().min(0),
      reason: z.enum(reasonKinds).nullable().default(null),
    }),
  ),
  /** While the window closes: how much of what was done is on its way to the host, and failed since (Electron only; elsewhere nothing happens). */
  'window.unsaved': returns<null>().from(
    z.strictObject({ waiting: z.number().int().min(0), failed: z.number().int().min(0) }),
  ),
};
