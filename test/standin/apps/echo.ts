/** @file A small app for tests of the stand-in itself: one window with the preload that a test names, and channels that answer. */
import { app, BrowserWindow, ipcMain, protocol, utilityProcess } from 'electron';
import { fileURLToPath } from 'node:url';

protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true } }]);
await app.whenReady();
protocol.handle('app', () => new Response('<p>echo</p>', { headers: { 'content-type': 'text/html' } }));

class Dog {
  readonly name = 'Rex';
  bark(): string {
    return this.name;
  }
}

ipcMain.handle('echo', (_event, ...args: unknown[]) => args);
ipcMain.handle('dog', () => new Dog());
ipcMain.handle('function', () => () => 'called');
ipcMain.handle('failing', () => {
  throw new TypeError('No such thing.');
});
ipcMain.handle('frame', (event) => ({ url: event.senderFrame?.url, isTop: event.senderFrame?.parent === null }));
ipcMain.handle('tell', (_event, value: unknown) => window.webContents.send('told', value));
ipcMain.handle('utility', (_event, value: unknown) => {
  const child = utilityProcess.fork(fileURLToPath(new URL('child.ts', import.meta.url)), [], { serviceName: 'echo' });
  child.postMessage(value);
  return new Promise((resolve) => {
    child.once('message', (answer) => {
      child.once('exit', () => resolve({ answer, pidAfterwards: child.pid }));
      child.kill();
    });
  });
});

const window = new BrowserWindow({
  webPreferences: {
    preload: process.env['ECHO_PRELOAD'] ?? '',
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    webviewTag: false,
  },
});
await window.loadURL('app://echo/');
