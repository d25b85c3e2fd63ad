/** @file What the app's page may do, over the built bundles in the stand-in: a renderer that has been taken over must find every door shut. */
import { expect, test } from '@playwright/test';
import { closeShell, openShell, type Shell } from './shell.ts';

let shell: Shell;
test.setTimeout(30_000);
test.beforeAll(async () => {
  shell = await openShell();
});
test.afterAll(async () => closeShell(shell));

/** Runs in a task of its own: what DevTools evaluates directly is excused from the policy. */
const inOwnTask = (expression: string): string =>
  `new Promise((resolve) => setTimeout(async () => { try { resolve(await (${expression})); } catch (error) { resolve(error.name); } }))`;

test('the window is isolated and sandboxed, and says so itself', async () => {
  const [window] = await shell.standIn.ask('windows', undefined);
  expect(window?.options).toMatchObject({
    webPreferences: { contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false },
  });
});

test('the page has the three functions of the bridge and nothing of Node or the preload', async () => {
  const seen = await shell.page.evaluate(
    `[Object.keys(window.surprisal).sort(), Object.isFrozen(window.surprisal),
      ['require', 'process', 'module', 'Buffer', 'ipcRenderer', '__toMain'].filter((name) => name in window)]`,
  );
  expect(seen).toEqual([['offerFile', 'request', 'subscribe'], true, []]);
});

test('every answer of app:// carries the strict policy, a refusal as well', async () => {
  for (const path of ['/index.html', '/nothing.html']) {
    const headers = await shell.page.evaluate<Record<string, string>>(
      `fetch('${path}').then((response) => Object.fromEntries(response.headers))`,
    );
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  }
});

test('the policy holds in the page: no inline script, no eval, no style attribute, no request to elsewhere', async () => {
  const { page, standIn } = shell;
  const before = standIn.entries.length;
  await page.evaluate(`{
    const script = document.createElement('script');
    script.textContent = 'window.pwned = true';
    document.head.append(script);
    const image = document.createElement('img');
    image.src = 'https://example.com/seen.png';
    image.setAttribute('onerror', 'window.pwned = true');
    document.body.append(image);
  }`);
  expect(await page.evaluate(inOwnTask(`(0, eval)('1')`))).toBe('EvalError');
  expect(await page.evaluate(inOwnTask(`fetch('https://example.com/')`))).toBe('TypeError');
  expect(await page.evaluate(inOwnTask(`window.pwned`))).toBeUndefined();
  expect(standIn.entries.slice(before).filter((entry) => entry.kind === 'foreign-request')).toEqual([]);
});

test('app:// serves the renderer’s folder and not a byte beside it', async () => {
  const paths = [
    '/../../package.json',
    '/..%2f..%2fpackage.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/%2e%2e%2f%2e%2e%2fpackage.json',
    '/..%5c..%5cpackage.json',
    '//../../package.json',
    '/%2fetc%2fpasswd',
    '/index.html%00.js',
    '/%c0%ae%c0%ae/package.json',
    '/%',
    '/assets',
  ];
  const status = (path: string): string => `fetch(location.origin + '${path}').then((response) => response.status)`;
  expect(await shell.page.evaluate(status('/index.html'))).toBe(200);
  for (const path of paths) expect([path, await shell.page.evaluate(status(path))]).toEqual([path, 404]);
  expect(await shell.page.evaluate(`fetch('/index.html', { method: 'POST' }).then(({ status }) => status)`)).toBe(404);
});

test('no permission is granted', async () => {
  const names = ['geolocation', 'notifications', 'camera', 'microphone', 'midi', 'clipboard-read', 'local-fonts'];
  const states = await shell.page.evaluate(
    `Promise.all(${JSON.stringify(names)}.map((name) => navigator.permissions.query({ name }).then(({ state }) => name + ' ' + state)))`,
  );
  expect(states).toEqual(names.map((name) => `${name} denied`));
  const decisions = Object.entries(await shell.standIn.ask('permissions', { windowId: 1 }));
  expect(decisions.length).toBeGreaterThan(5);
  for (const [name, decision] of decisions) expect([name, decision]).toEqual([name, { check: false, request: false }]);
});

test('the page goes nowhere: not by script, link, form or refresh, and not to another page of ours', async () => {
  const { page, standIn } = shell;
  const goings = {
    script: `location.href = 'https://example.com/script'`,
    'elsewhere.html': `location.replace('/assets/elsewhere.html')`,
    link: `Object.assign(document.createElement('a'), { href: 'https://example.com/link' }).click()`,
    refresh: `document.head.append(Object.assign(document.createElement('meta'), { httpEquiv: 'refresh', content: '0; url=https://example.com/refresh' }))`,
  };
  for (const [end, going] of Object.entries(goings)) {
    // In a task of its own, and one after the other: the next would take the place of one that has not started.
    await page.evaluate(`void setTimeout(() => ${going})`);
    const { isAllowed } = await standIn.happened('will-navigate', 0, ({ url }) => url.endsWith(end));
    expect([end, isAllowed]).toEqual([end, false]);
  }
  await page.evaluate(
    `{ const form = document.createElement('form'); form.action = 'https://example.com/form'; document.body.append(form); form.submit(); }`,
  );
  expect(await page.evaluate('window.surprisal.request("status.get", {}).then(({ ok }) => ok)')).toBe(true);
  expect(standIn.entries.filter((entry) => entry.kind === 'foreign-request')).toEqual([]);
  expect((await standIn.ask('windows', undefined)).map(({ url }) => url)).toEqual(['app://surprisal/index.html']);
});

test('no new window opens, by script or by link', async () => {
  const { page, standIn } = shell;
  await page.evaluate(`void window.open('https://example.com/open')`);
  await page.evaluate(
    `Object.assign(document.createElement('a'), { href: '/index.html', target: '_blank', rel: 'opener' }).click()`,
  );
  for (const end of ['/open', '/index.html']) {
    const { isAllowed } = await standIn.happened('window-open', 0, ({ url }) => url.endsWith(end));
    expect([end, isAllowed]).toEqual([end, false]);
  }
  await expect.poll(() => page.context().pages().length).toBe(1);
});

test('nothing is downloaded, not even what the page itself makes: files are saved by main’s dialog', async () => {
  const { page, standIn } = shell;
  const click = (href: string): string =>
    `{ const link = document.createElement('a'); link.href = ${href}; link.download = 'note.txt'; link.click(); }`;
  for (const [scheme, href] of [
    ['data:', `'data:text/plain,foreign'`],
    ['blob:', `URL.createObjectURL(new Blob(['ours']))`],
  ] as const) {
    await page.evaluate(click(href));
    const download = await standIn.happened('download', 0, ({ url }) => url.startsWith(scheme));
    expect(download).toMatchObject({ isAllowed: false, savedTo: null });
  }
});
