/** @file What the routes of a window do: choosing, saving and looking at files, its menu, notifications. */
import { basename } from 'node:path';
import { AppError } from '../../../shared/errors.ts';
import type { windowRoutes } from '../../../shared/routes/window.ts';
import { severeText } from '../../../shared/window.ts';
import type { AppParts } from '../createApp.ts';
import { namingFile } from '../files.ts';
import { findKnown } from '../importFile.ts';
import type { RouteHandlers } from '../router.ts';
import type { HandlerCommon } from './common.ts';

/** Files up to this size are compared with what was imported before they are imported. */
const mostHashedBytes = 256 * 1024 * 1024;

export function windowHandlers(
  { services, files }: AppParts,
  { sourceNames }: Pick<HandlerCommon, 'sourceNames'>,
): Pick<RouteHandlers, keyof typeof windowRoutes> {
  const { host } = services;
  return {
    'files.choose': async () => {
      const paths = (await host.chooseFiles?.()) ?? [];
      return Promise.all(paths.map((path) => files.offer(path, { name: basename(path), isTemporary: false })));
    },
    'files.save': async ({ name, base64 }) => {
      if (!host.saveFile) throw new AppError('BAD_REQUEST', 'Here the browser saves files.');
      return { savedAs: await host.saveFile(name, Buffer.from(base64, 'base64')) };
    },
    'files.preview': async ({ token, format = null }) => {
      const file = files.get(token);
      const importer = await services.importer();
      const [preview, known] = await Promise.all([
        namingFile(file, importer.call('preview', { path: file.path, format, zone: host.timeZone, now: host.now() })),
        // A file so large is not read to its end for this; the import would notice.
        file.sizeBytes > mostHashedBytes
          ? undefined
          : findKnown(services, file.path, (format) => format !== 'sequences'),
      ]);
      const alreadyImported = known ? { sourceId: known.sourceId, name: await sourceNames([known.sourceId]) } : null;
      return { file: { token: file.token, name: file.name, sizeBytes: file.sizeBytes }, ...preview, alreadyImported };
    },

    'window.set_menu': ({ commands }) => {
      host.setMenu?.(commands);
      return null;
    },
    'window.unsaved': (left) => {
      host.unsaved?.(left);
      return null;
    },
    'window.notify': (arrived) => {
      const { title, body } = severeText(arrived);
      return { isShown: host.notify?.(title, body) ?? false };
    },
  };
}
