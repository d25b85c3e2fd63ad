/** @file Who may ask main, and what happens when they ask for nonsense: the built bundles in the stand-in, fed past the bridge. */
import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodes } from '../../src/shared/errors.ts';
import { routes } from '../../src/shared/routes.ts';
import { closeShell, openShell, type Shell } from './shell.ts';

const channel = 'surprisal:request';
const forbidden = { value: { ok: false, error: { code: 'FORBIDDEN' } } };
const allowed = { value: { ok: true } };

let shell: Shell;
test.setTimeout(60_000);
test.beforeAll(async () => {
  shell = await openShell();
});
test.afterAll(async () => closeShell(shell));

/** A request as a page that has been taken over would send it, past the bridge. */
function ask(windowId: number, frame: string | null, args: unknown[] = ['status.get', {}]): Promise<unknown> {
  return shell.standIn.ask('sendAs', { windowId, frame, channel, args });
}

/** A path on the channel of dropped files. */
function offer(windowId: number, frame: string | null, ...args: unknown[]): Promise<unknown> {
  return shell.standIn.ask('sendAs', { windowId, frame, channel: 'surprisal:offer', args });
}

test('a frame inside our own page has no bridge and is refused even if it finds the channel', async () => {
  await shell.page.evaluate(
    `new Promise((resolve) => { const frame = document.createElement('iframe'); frame.srcdoc = '<p>x</p>'; frame.onload = resolve; document.body.append(frame); })`,
  );
  const frame = shell.page.frames().find((one) => one.url() === 'about:srcdoc');
  expect(await frame?.evaluate('typeof window.surprisal')).toBe('undefined');
  expect(await ask(1, null)).toMatchObject(allowed);
  expect(await ask(1, 'about:srcdoc')).toMatchObject({ ...forbidden });
  expect(await offer(1, 'about:srcdoc', process.execPath)).toMatchObject({ ...forbidden });
});

test('dropped files: a path of nobody’s file, of no file or of no path is refused, and no answer carries a path', async () => {
  const relative = await offer(1, null, 'package.json');
  expect(relative).toMatchObject({ value: { ok: false, error: { code: 'BAD_INPUT' } } });
  for (const path of ['', '\0', `${process.execPath}\0.log`, 7, null, undefined, {}, [process.execPath]])
    expect(await offer(1, null, path)).toMatchObject({ value: { ok: false, error: { code: 'BAD_INPUT' } } });
  const missing = await offer(1, null, join(shell.directory, 'missing.log'));
  expect(missing).toMatchObject({ value: { ok: false, error: { code: 'NOT_FOUND' } } });
  expect(JSON.stringify(missing)).not.toContain(shell.directory);
  const path = join(shell.directory, 'found.log');
  await writeFile(path, 'a line');
  const found = await offer(1, null, path);
  expect(found).toMatchObject({ value: { ok: true, data: { name: 'found.log', sizeBytes: 6 } } });
  expect(JSON.stringify(found)).not.toContain(shell.directory);
});

test('a file that a script made has no path, whatever its name says', async () => {
  const made = `window.surprisal.offerFile(new File(['x'], ${JSON.stringify(process.execPath)}))`;
  expect(await shell.page.evaluate(made)).toMatchObject({ ok: false, error: { code: 'BAD_INPUT' } });
  const thrown = `(() => { try { window.surprisal.offerFile({ name: 'x' }); } catch (error) { return error.message; } })()`;
  expect(await shell.page.evaluate(thrown)).toMatch(/of type File/);
});

test('another window with our preload on our own origin is refused', async () => {
  const windowId = await shell.standIn.ask('openForeign', { url: 'app://surprisal/index.html' });
  expect(await ask(windowId, null)).toMatchObject(forbidden);
  expect(await offer(windowId, null, process.execPath)).toMatchObject(forbidden);
  await shell.standIn.ask('close', { windowId });
});

test('our own window on another origin is refused, and is ours again when it is back', async () => {
  for (const url of ['app://evil/', 'app://surprisal.evil/index.html']) {
    await shell.standIn.ask('load', { windowId: 1, url });
    expect([url, await ask(1, null)]).toMatchObject([url, forbidden]);
  }
  await shell.standIn.ask('load', { windowId: 1, url: 'app://surprisal/index.html' });
  expect(await ask(1, null)).toMatchObject(allowed);
});

test('channels that are not ours do not exist', async () => {
  const answer = await shell.standIn.ask('sendAs', { windowId: 1, frame: null, channel: 'surprisal:other', args: [] });
  expect(answer).toMatchObject({ error: expect.stringContaining("No handler registered for 'surprisal:other'") });
});

test('junk routes and junk inputs get envelopes that are no bugs, and main lives on', async () => {
  // The demo is long work that an empty input starts; everything else may be asked for anything.
  const names = Object.keys(routes).filter((name) => name !== 'demo.start');
  const junk = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true });
  const hostile = fc.oneof(
    junk,
    fc.record(
      { token: junk, sourceId: junk, alertId: junk, limit: junk, text: junk, cursor: junk },
      { requiredKeys: [] },
    ),
    fc.constantFrom(null, [], { __proto__: null }, JSON.parse('{"__proto__":{"ok":true}}'), 'x'.repeat(100_000)),
  );
  const route = fc.oneof(fc.constantFrom(...names), junk, fc.constantFrom('__proto__', 'constructor', 'toString', ''));
  const args = fc.oneof({ weight: 8, arbitrary: fc.tuple(route, hostile) }, fc.array(junk, { maxLength: 4 }));
  await fc.assert(
    fc.asyncProperty(args, async (given) => {
      const { value } = (await ask(1, null, given)) as {
        value: { ok: boolean; error?: { code: string; message: string } };
      };
      if (value.ok) return;
      expect(errorCodes).toContain(value.error?.code);
      expect(value.error).not.toMatchObject({ code: 'INTERNAL' });
    }),
    { numRuns: 300 },
  );
  expect(await ask(1, null)).toMatchObject(allowed);
});
