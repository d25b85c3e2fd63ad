/** @file The bridge between the sandboxed renderer and main: three functions, three channels, nothing else. */
import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron';

contextBridge.exposeInMainWorld('surprisal', {
  request: (route: unknown, input: unknown): Promise<unknown> => ipcRenderer.invoke('surprisal:request', route, input),
  /** A file dropped on the page: its path goes to main and never into the page. A file that a script made has none. */
  offerFile: (file: File): Promise<unknown> => ipcRenderer.invoke('surprisal:offer', webUtils.getPathForFile(file)),
  subscribe: (listener: (event: unknown) => void): (() => void) => {
    const relay = (_event: IpcRendererEvent, event: unknown): void => listener(event);
    ipcRenderer.on('surprisal:event', relay);
    return () => void ipcRenderer.off('surprisal:event', relay);
  },
});
