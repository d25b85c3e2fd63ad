/**
 * @file The stand-in for the `electron` module of the main process: what the app uses, typed by electron.d.ts, and nothing else; an import of
 * any other name does not link, and any other property throws. It shows how the built app behaves against what Electron documents. It does
 * not show Electron: no browser sandbox, no native dialogs or displays, menus only as data, no packaging, no `app://` inside Chromium (see origin.ts).
 */
import './control.ts';

export { app } from './app.ts';
export { dialog } from './dialog.ts';
export { ipcMain } from './ipc.ts';
export { Menu } from './menu.ts';
export { Notification } from './notification.ts';
export { protocol } from './protocol.ts';
export { screen } from './screen.ts';
export { session } from './session.ts';
export { utilityProcess } from './utility.ts';
export { BrowserWindow } from './window.ts';
