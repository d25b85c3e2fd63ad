/** @file Electron entry: one instance, one window, one app. Everything it does is done in `app/` and `electron/`. */
import { app as electronApp, BrowserWindow, dialog } from 'electron';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toErrorData } from '../shared/errors.ts';
import { createApp } from './app/createApp.ts';
import { createElectronHost } from './electron/electronHost.ts';
import { carryOverIpc } from './electron/ipc.ts';
import { registerScheme, serveRenderer } from './electron/protocol.ts';
import { createWindow, denyPermissions } from './electron/window.ts';

const here = import.meta.dirname;
const entry = (name: string): URL => pathToFileURL(join(here, `${name}.js`));

async function main(): Promise<void> {
  registerScheme();
  if (!electronApp.requestSingleInstanceLock()) {
    electronApp.quit();
    return;
  }
  electronApp.on('second-instance', () => BrowserWindow.getAllWindows()[0]?.focus());
  await electronApp.whenReady();
  denyPermissions();
  serveRenderer(join(here, '../renderer'));
  const host = createElectronHost(electronApp.getVersion(), {
    store: entry('storeThread'),
    engine: entry('engineThread'),
    import: entry('importThread'),
    trainer: entry('trainer'),
  });
  const workspace = process.env['SURPRISAL_WORKSPACE'] ?? join(electronApp.getPath('userData'), 'workspace');
  const app = await createApp(host, { workspaceDirectory: workspace });
  carryOverIpc(app, createWindow(join(here, '../preload/index.cjs')));
  let isClosed = false;
  electronApp.on('before-quit', (event) => {
    if (isClosed) return;
    event.preventDefault();
    void app.close().finally(() => {
      isClosed = true;
      electronApp.quit();
    });
  });
  electronApp.on('window-all-closed', () => electronApp.quit());
}

main().catch((error: unknown) => {
  dialog.showErrorBox('Surprisal could not start', toErrorData(error).message);
  electronApp.exit(1);
});
