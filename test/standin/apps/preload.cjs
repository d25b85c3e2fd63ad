const { contextBridge, ipcRenderer } = require('electron');
window.secret = 'of the isolated world';
contextBridge.exposeInMainWorld('bridge', {
  invoke: (channel, ...args) => ipcRenderer.invoke(channel, ...args),
  giveFunction: () => ipcRenderer.invoke('echo', () => 1),
  sum: (a, b) => a + b,
  fail: () => {
    throw new Error('on purpose');
  },
  onTold: (listener) => {
    const relay = (_event, value) => listener(value);
    ipcRenderer.on('told', relay);
    return () => void ipcRenderer.off('told', relay);
  },
});
