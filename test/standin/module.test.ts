/** @file The stand-in as a module: a use of Electron that it does not know must fail by name, or a test over it would show nothing. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCodec } from './codec.ts';
import { fromPage, toPage } from './origin.ts';

const register = new URL('register.ts', import.meta.url).href;

/** What a main script says before it ends. */
function runMain(source: string): string {
  const args = ['--import', register, '--input-type=module', '-e', source];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 });
  return stdout + stderr;
}

describe('the module', () => {
  it('refuses properties, options and exports that it does not have, by name', () => {
    expect(runMain(`import { app } from 'electron'; app.dock;`)).toContain('has no app.dock');
    expect(runMain(`import { app } from 'electron'; app.name = 'x';`)).toContain('has no app.name to set');
    expect(runMain(`import { BrowserWindow } from 'electron'; BrowserWindow.fromId(1);`)).toContain(
      'has no BrowserWindow.fromId',
    );
    expect(runMain(`import { dialog } from 'electron'; await dialog.showOpenDialog({ filters: [] });`)).toContain(
      'has no option dialog.showOpenDialog.filters',
    );
    expect(runMain(`import { clipboard } from 'electron';`)).toMatch(/does not provide an export named 'clipboard'/);
  });

  it('keeps Electron’s order: no windows, protocols or processes before ready', () => {
    expect(runMain(`import { BrowserWindow } from 'electron'; new BrowserWindow({});`)).toContain(
      'before app is ready',
    );
    expect(runMain(`import { utilityProcess } from 'electron'; utilityProcess.fork('x');`)).toContain(
      'before app is ready',
    );
    expect(runMain(`import { protocol } from 'electron'; protocol.handle('app', () => {});`)).toContain(
      'after the app is ready',
    );
  });

  it('lets the app start no Node of its own, as the packaged Electron does not', () => {
    const source = `import { fork, spawn } from 'node:child_process'; console.log(typeof spawn); fork('x.js');`;
    expect(runMain(source)).toMatch(/function[\s\S]*starts no Node for x\.js: use utilityProcess/);
  });

  it('is not there in worker threads, as Electron is not', () => {
    const source = `import { Worker } from 'node:worker_threads'; new Worker("import('electron').catch((error) => console.log(error.message))", { eval: true });`;
    expect(runMain(source)).toContain('not there in worker threads');
  });
});

describe('addresses', () => {
  it('map one to one between app:// and the page, blobs as well, and leave others alone', () => {
    for (const url of ['app://surprisal/a?b#c', 'blob:app://surprisal/1', 'https://example.com/', 'about:srcdoc'])
      expect(fromPage(toPage(url))).toBe(url);
    expect(toPage('app://surprisal/')).toBe('https://surprisal.app-scheme.test/');
    expect(fromPage('https://surprisal.app-scheme.test.evil.com/')).toMatch(/^https:/);
  });
});

describe('the codec', () => {
  const { encode, decode } = createCodec();

  it('gives back any structured clone, cycles and shared parts included', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        const clone = structuredClone(value);
        expect(decode(encode(clone))).toEqual(clone);
      }),
    );
    const part = { name: 'shared' };
    const cycle: Record<string, unknown> = { part, again: part };
    cycle['self'] = cycle;
    const copy = decode(encode(cycle)) as Record<string, unknown>;
    expect(copy['self']).toBe(copy);
    expect(copy['part']).toBe(copy['again']);
  });

  it('refuses what has no clone', () => {
    for (const value of [() => 1, Symbol('x'), { deep: [() => 1] }, new URL('app://x')])
      expect(() => encode(value)).toThrow('could not be cloned');
  });
});
