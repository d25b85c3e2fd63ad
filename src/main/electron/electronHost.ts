/** @file The host inside Electron: as on Node, with the trainers, and an engine apart, in utility processes and the system's file dialog. */
import { dialog, utilityProcess, type UtilityProcess } from 'electron';
import { fileURLToPath } from 'node:url';
import type { Port } from '../../shared/port.ts';
import type { Host, RunningProcess } from '../host/host.ts';
import { createNodeHost, childEnvironment, type Entries } from '../host/nodeHost.ts';
import { showNotification } from './notify.ts';
import { saveFile } from './saveFile.ts';

/** What the window does for the page. */
type OfWindow = { [K in 'setMenu' | 'unsaved']: NonNullable<Host[K]> };

export function createElectronHost(appVersion: string, entries: Entries, ofWindow: OfWindow): Host {
  return {
    ...createNodeHost(appVersion, entries),
    startTrainer: () => startUtility(fileURLToPath(entries.trainer), 'trainer'),
    startAdapt: () => startUtility(fileURLToPath(entries.adapt), 'adapting process'),
    startEngine: () => startUtility(fileURLToPath(entries.engine), 'engine'),
    chooseFiles: async () => {
      const answer = await dialog.showOpenDialog({ title: 'Open logs', properties: ['openFile', 'multiSelections'] });
      return answer.canceled ? [] : answer.filePaths;
    },
    chooseFolder: async () => {
      const answer = await dialog.showOpenDialog({ title: 'Follow a folder', properties: ['openDirectory'] });
      return answer.canceled ? null : (answer.filePaths[0] ?? null);
    },
    ...ofWindow,
    notify: showNotification,
    saveFile,
  };
}

function startUtility(entry: string, name: string): RunningProcess {
  const child = utilityProcess.fork(entry, [], {
    serviceName: `Surprisal ${name}`,
    stdio: 'inherit',
    env: childEnvironment(),
  });
  // Without a listener an out-of-memory there would be an uncaught exception here. That it is gone, `exit` tells.
  child.on('error', (type, location) => console.error(`The ${name}’s process gave up: ${type} in ${location}.`));
  const gone = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  return {
    port: utilityPort(child),
    get pid() {
      return child.pid;
    },
    async kill() {
      child.kill();
      await gone;
    },
  };
}

function utilityPort(child: UtilityProcess): Port {
  return {
    post: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', listener),
    onGone: (listener) => void child.on('exit', (code) => listener(`exit code ${code}`)),
  };
}
