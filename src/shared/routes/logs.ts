/** @file Logs: read, searched, removed, followed as they grow. */
import { z } from 'zod';
import type { ChosenFile, LogLine, Source, Watch } from '../sources.ts';
import { formatIds } from '../lines.ts';
import { nothing, returns, rowId, uid } from './parts.ts';

export const logsRoutes = {
  'sources.list': returns<Source[]>().from(nothing),
  /** Starts an import job; `format` overrides what was detected. With `thenScore`, scores with the model in use. */
  'sources.import': returns<{ jobId: string }>().from(
    z.strictObject({ token: uid, format: z.enum(formatIds).optional(), thenScore: z.boolean() }),
  ),
  /** Refused (CONFLICT) while alerts of it are decided or in a case. */
  'sources.delete': returns<{ removed: true }>().from(z.strictObject({ sourceId: rowId })),
  /** Lines of a source after (or, with a negative limit, before) a line number. */
  'logs.read': returns<LogLine[]>().from(
    z.strictObject({
      sourceId: rowId,
      afterLine: z.number().int().min(0),
      limit: z.number().int().min(-500).max(500),
    }),
  ),
  /** Events of a source by their place in it, from 0; `isWhole` cuts long ones at 20,000 characters instead of 2,000. */
  'logs.rows': returns<LogLine[]>().from(
    z.strictObject({
      sourceId: rowId,
      firstRow: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
      limit: z.number().int().min(1).max(500),
      isWhole: z.boolean().default(false),
    }),
  ),
  /** Place of the event that holds a line of the file, or stands before it. */
  'logs.row_of': returns<{ row: number }>().from(
    z.strictObject({ sourceId: rowId, lineNumber: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }),
  ),
  /** Full text over a source's lines, newest match last. Words are matched as they are; the query has no syntax. */
  'logs.search': returns<{ lines: (LogLine & { sourceName: string })[]; isIndexed: boolean }>().from(
    z.strictObject({
      sourceId: rowId.optional(),
      text: z.string().min(1).max(500),
      afterEventId: z.number().int().min(0),
      limit: z.number().int().min(1).max(200),
    }),
  ),
  /** What is followed, or was: a stopped one is started again behind what was read. */
  'watch.list': returns<Watch[]>().from(nothing),
  /** Opens the host's dialog for a folder (Electron only). Null: the user closed it. */
  'watch.choose_folder': returns<ChosenFile | null>().from(nothing),
  /** A file, or with a pattern of names (`*.log`) the files of a folder. Refused (CONFLICT) for a file that was sent: it does not grow. */
  'watch.start': returns<Watch>().from(
    z.strictObject({
      token: uid,
      format: z.enum(formatIds).optional(),
      pattern: z.string().min(1).max(255).optional(),
    }),
  ),
  'watch.pause': returns<Watch>().from(z.strictObject({ watchId: rowId })),
  /** Goes on behind what was read, also after it was stopped. */
  'watch.resume': returns<Watch>().from(z.strictObject({ watchId: rowId })),
  'watch.stop': returns<Watch>().from(z.strictObject({ watchId: rowId })),
};
