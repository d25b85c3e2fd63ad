/** @file What pages may do with the machine: no permissions at all, and no downloads. What is kept goes through main's own dialog. */
import { session } from 'electron';

export function lockSession(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  defaultSession.setPermissionCheckHandler(() => false);
  defaultSession.on('will-download', (event) => event.preventDefault());
}
