/** @file The stand-in's windows in a real Chromium: what a preload may load, what crosses the bridge and IPC, and who the sender is. */
import type { Page } from '@playwright/test';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StandIn } from './launch.ts';

const chromiumPath = process.env['SURPRISAL_CHROMIUM'] ?? '/usr/bin/chromium';
const hasChromium = existsSync(chromiumPath);
if (!hasChromium) console.warn(`Skipped: there is no ${chromiumPath} for the windows of the stand-in.`);
const main = fileURLToPath(new URL('apps/echo.ts', import.meta.url));

describe.skipIf(!hasChromium)('a window of the stand-in', () => {
  let directory: string;
  let standIn: StandIn;
  let page: Page;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'surprisal-echo-'));
    standIn = await open(fileURLToPath(new URL('apps/preload.cjs', import.meta.url)));
    page = await standIn.page();
  });
  afterAll(async () => {
    expect(await standIn.quit(), standIn.output).toBe(0);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  async function open(preload: string): Promise<StandIn> {
    const userData = await mkdtemp(join(directory, 'user-data-'));
    return new StandIn({ userData, main, env: { ECHO_PRELOAD: preload } });
  }
  /** The value of a page expression, or the message of what it throws. */
  const evaluate = (expression: string): Promise<unknown> =>
    page.evaluate(`(async () => { try { return await (${expression}); } catch (error) { return error.message; } })()`);

  it('gives a preload Electron’s list of modules and no other: node:fs is not found, and nothing is exposed', async () => {
    const script = join(directory, 'bad.cjs');
    const good = `const { contextBridge } = require('electron'); require('url'); require('node:timers');`;
    await writeFile(script, `${good} const fs = require('node:fs'); contextBridge.exposeInMainWorld('fs', fs);`);
    const other = await open(script);
    const bare = await other.page();
    expect(await other.happened('preload-error')).toMatchObject({
      text: expect.stringContaining('module not found: node:fs'),
    });
    expect(await bare.evaluate(`typeof window.fs`)).toBe('undefined');
    await other.quit();
  });

  it('is not made without isolation or sandbox, or with Node or webviews', async () => {
    const safe = `contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false`;
    const script = join(directory, 'unsafe.mjs');
    await writeFile(
      script,
      `import { app, BrowserWindow } from 'electron';
      await app.whenReady();
      for (const unsafe of ['contextIsolation: false', 'sandbox: false', 'nodeIntegration: true', 'webviewTag: true', 'sandbox: undefined'])
        try {
          new BrowserWindow({ webPreferences: eval(\`({ preload: 'x', ${safe}, \${unsafe} })\`) });
          console.log('made:', unsafe);
        } catch (error) {
          console.log(error.message);
        }
      app.quit();`,
    );
    const other = new StandIn({ userData: directory, main: script });
    expect(await other.exited).toBe(0);
    expect(other.output.match(/shows only windows that are isolated/g)).toHaveLength(5);
  });

  it('keeps the preload’s world to itself', async () => {
    expect(await evaluate(`[typeof window.secret, typeof require, typeof __toMain, typeof __fromMain]`)).toEqual(
      Array.from({ length: 4 }, () => 'undefined'),
    );
  });

  it('clones what crosses: rich values arrive whole, functions and proxies do not arrive at all', async () => {
    expect(await evaluate(`bridge.sum(1, 2)`)).toBe(3);
    expect(await evaluate(`bridge.fail()`)).toBe('on purpose');
    const rich = `{ date: new Date(5), map: new Map([[1, new Set(['x'])]]), bytes: new Float32Array([1.5, NaN]), big: 2n, none: undefined, text: '\\ud800' }`;
    const describeValue = `(([value]) => [value.date.getTime(), [...value.map.get(1)], [...value.bytes], String(value.big), 'none' in value, value.text.charCodeAt(0)])`;
    expect(await evaluate(`bridge.invoke('echo', ${rich}).then(${describeValue})`)).toEqual([
      5,
      ['x'],
      [1.5, NaN],
      '2',
      true,
      0xd800,
    ]);
    expect(await evaluate(`bridge.invoke('echo', { run: () => 1 })`)).toMatch(/could not be cloned/);
    expect(await evaluate(`bridge.invoke('echo', new Proxy({}, {}))`)).toMatch(/could not be cloned/);
    expect(await evaluate(`bridge.giveFunction()`)).toMatch(/could not be cloned/);
  });

  it('clones what main answers and words its failures as Electron does', async () => {
    expect(await evaluate(`bridge.invoke('dog').then((dog) => [dog.name, typeof dog.bark])`)).toEqual([
      'Rex',
      'undefined',
    ]);
    expect(await evaluate(`bridge.invoke('function')`)).toBe(
      "Error invoking remote method 'function': Error: An object could not be cloned.",
    );
    expect(await evaluate(`bridge.invoke('failing')`)).toBe(
      "Error invoking remote method 'failing': TypeError: No such thing.",
    );
    expect(await evaluate(`bridge.invoke('nobody')`)).toMatch(/No handler registered for 'nobody'/);
  });

  it('tells main the frame that really asks, by its app:// address', async () => {
    expect(await evaluate(`bridge.invoke('frame')`)).toEqual({ url: 'app://echo/', isTop: true });
  });

  it('sends events to listeners until they are taken off', async () => {
    const told = `new Promise((resolve) => { const off = bridge.onTold((value) => { off(); resolve(value); }); bridge.invoke('tell', { n: 1 }); })`;
    expect(await evaluate(told)).toEqual({ n: 1 });
    expect(
      await evaluate(
        `(async () => { let count = 0; bridge.onTold(() => count++)(); await bridge.invoke('tell', 1); return count; })()`,
      ),
    ).toBe(0);
  });

  it('runs a utility process with a parent port that keeps types, and without Node’s own channel', async () => {
    const asked = `bridge.invoke('utility', new Map([['bytes', new Float32Array([1, 2])]]))`;
    expect(
      await evaluate(`${asked}.then(({ answer, pidAfterwards }) => [answer.isMap, answer.hasSend, pidAfterwards])`),
    ).toEqual([true, false, undefined]);
  });
});
