/** @file Carries the app over Electron's IPC: requests and dropped files with a sender check, one event channel. Never throws across. */
import { ipcMain, type BrowserWindow, type IpcMainInvokeEvent } from 'electron';
import { basename, isAbsolute } from 'node:path';
import type { ChosenFile } from '../../shared/sources.ts';
import { AppError, toErrorData, type Result } from '../../shared/errors.ts';
import type { AppEvent } from '../../shared/events.ts';
import type { Entrance } from '../app/entrance.ts';
import { namingFile } from '../app/files.ts';
import { appOrigin } from './window.ts';

const refused: Result<never> = { ok: false, error: { code: 'FORBIDDEN', message: 'This sender may not ask.' } };

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

/** A path of the preload becomes a token, as one of the dialog does. */
async function offer(app: Entrance, path: unknown): Promise<Result<ChosenFile>> {
  try {
    if (typeof path !== 'string' || path.includes('\0') || !isAbsolute(path)) {
      throw new AppError('BAD_INPUT', 'What was dropped is no file of this computer. Save it first, then open it.');
    }
    const name = basename(path);
    return { ok: true, data: await namingFile({ path, name }, app.offerFile(path, { name, isTemporary: false })) };
  } catch (error) {
    return { ok: false, error: toErrorData(error) };
  }
}

/** `tell` sends the page what is of the window and not of the app. */
export function carryOverIpc(app: Entrance, window: BrowserWindow): { tell: (event: AppEvent) => void } {
  const send = (event: AppEvent): void => {
    if (!window.isDestroyed()) window.webContents.send('surprisal:event', event);
  };
  ipcMain.handle('surprisal:request', async (event, route: unknown, input: unknown): Promise<Result<unknown>> => {
    return isOurs(event, window) ? app.dispatch(route, input) : refused;
  });
  ipcMain.handle('surprisal:offer', async (event, path: unknown): Promise<Result<ChosenFile>> => {
    return isOurs(event, window) ? offer(app, path) : refused;
  });
  app.subscribe(send);
  return { tell: send };
}
