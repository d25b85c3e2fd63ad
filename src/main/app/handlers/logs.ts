/** @file What the routes of logs do: those that were imported, their lines, and what is followed. */
import { basename } from 'node:path';
import { AppError } from '../../../shared/errors.ts';
import type { logsRoutes } from '../../../shared/routes/logs.ts';
import type { AppParts } from '../createApp.ts';
import { detailChars, listChars, toLogLine } from '../presenter.ts';
import type { RouteHandlers } from '../router.ts';
import { watchOf } from '../watch/watchOf.ts';
import type { HandlerCommon } from './common.ts';

export function logHandlers(
  { services, jobs, files, texts, work, watches }: AppParts,
  { changing }: HandlerCommon,
): Pick<RouteHandlers, keyof typeof logsRoutes> {
  const { store, host } = services;
  return {
    'sources.list': async () =>
      (await store.call('list_sources', undefined)).map((source) => ({ ...source, live: watches.liveOf(source.id) })),
    'sources.import': async ({ token, format, thenScore }) => {
      const { jobId } = await work.startImport(files.get(token), format ?? null, thenScore);
      return { jobId };
    },
    'sources.delete': async ({ sourceId }) => {
      const actor = await services.actor();
      // Last, without another wait before it is removed: what is begun then finds it gone.
      const isNeeded = jobs.list().some(({ state, sourceIds }) => state === 'running' && sourceIds.includes(sourceId));
      if (jobs.isWorking || isNeeded) {
        throw new AppError('CONFLICT', 'Work is under way. Remove the log when it is done, or cancel it first.');
      }
      await changing(store.call('delete_source', { sourceId, actor }));
      texts.clear();
      return { removed: true };
    },
    'logs.read': async (input) => (await store.call('read_lines', { ...input, maxChars: listChars })).map(toLogLine),
    'logs.rows': async ({ isWhole, ...input }) =>
      (await store.call('read_rows', { ...input, maxChars: isWhole ? detailChars : listChars })).map(toLogLine),
    'logs.row_of': async (input) => ({ row: await store.call('row_of_line', input) }),
    'logs.search': async ({ sourceId, text, afterEventId, limit }) => {
      const found = await store.call('search_text', {
        sourceId: sourceId ?? null,
        text,
        afterEventId,
        limit,
        maxChars: listChars,
      });
      const lines = found.events.map((event) => ({ ...toLogLine(event), sourceName: event.sourceName }));
      return { lines, isIndexed: found.isIndexed };
    },

    'watch.list': () => watches.list(),
    'watch.choose_folder': async () => {
      const path = (await host.chooseFolder?.()) ?? null;
      return path === null ? null : files.offer(path, { name: basename(path), isTemporary: false });
    },
    'watch.start': async ({ token, format = null, pattern }) =>
      watches.start(await watchOf(files.get(token), format, pattern)),
    'watch.pause': ({ watchId }) => watches.set(watchId, 'paused'),
    'watch.resume': ({ watchId }) => watches.set(watchId, 'following'),
    'watch.stop': ({ watchId }) => watches.set(watchId, 'stopped'),
  };
}
