/** @file `node:child_process` for the app's own bundles, as a packaged Electron has it: the fuse `runAsNode` is off, so `fork` starts no Node. */
export * from 'node:child_process';

export function fork(modulePath: string | URL): never {
  throw new Error(`Electron starts no Node for ${String(modulePath)}: use utilityProcess.fork.`);
}
