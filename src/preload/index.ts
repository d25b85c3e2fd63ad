/** @file The bridge between the sandboxed renderer and main: two functions, two channels, nothing else. */
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';

contextBridge.exposeInMainWorld('surprisal', {
  request: (route: unknown, input: unknown): Promise<unknown> => ipcRenderer.invoke('surprisal:request', route, input),
  subscribe: (listener: (event: unknown) => void): (() => void) => {
    const relay = (_event: IpcRendererEvent, event: unknown): void => listener(event);
    ipcRenderer.on('surprisal:event', relay);
    return () => void ipcRenderer.off('surprisal:event', relay);
  },
});
