/** @file Carries the app over Electron's IPC: one request channel with a sender check, one event channel. Never throws across. */
import { ipcMain, type BrowserWindow, type IpcMainInvokeEvent } from 'electron';
import type { Result } from '../../shared/errors.ts';
import type { Entrance } from '../app/entrance.ts';
import { appOrigin } from './window.ts';

/** The top frame of our own window, on our own origin; anything else is somebody else. */
function isOurs(event: IpcMainInvokeEvent, window: BrowserWindow): boolean {
  try {
    const frame = event.senderFrame;
    return (
      frame !== null &&
      event.sender.id === window.webContents.id &&
      frame.parent === null &&
      frame.url.startsWith(`${appOrigin}/`)
    );
  } catch {
    return false; // the frame, or the window, went while the message was under way
  }
}

export function carryOverIpc(app: Entrance, window: BrowserWindow): void {
  ipcMain.handle('surprisal:request', async (event, route: unknown, input: unknown): Promise<Result<unknown>> => {
    if (!isOurs(event, window)) return { ok: false, error: { code: 'FORBIDDEN', message: 'This sender may not ask.' } };
    return app.dispatch(route, input);
  });
  app.subscribe((event) => {
    if (!window.isDestroyed()) window.webContents.send('surprisal:event', event);
  });
}
