/** @file What pages may do with the machine: no permissions at all, and no downloads but what the app's own page makes. */
import { session } from 'electron';
import { appOrigin } from './window.ts';

export function lockSession(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  defaultSession.setPermissionCheckHandler(() => false);
  // Reports are blobs of our page; where they go, the user says in the system's own dialog.
  defaultSession.on('will-download', (event, item) => {
    if (!item.getURL().startsWith(`blob:${appOrigin}/`)) event.preventDefault();
  });
}
