/** @file `npm start` without Electron's runtime or a display. Catches a start that waits in silence, or for the same download every time. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { electronPath, whyNoElectron } from '../../scripts/electron.mjs';
import { testFolder } from '../helpers/folders.ts';

const display = { DISPLAY: ':0' };

function tried(
  root: string,
  reason: string | undefined,
): { why: string | undefined; said: string[]; downloads: number } {
  const said: string[] = [];
  let downloads = 0;
  const download = (): string => {
    downloads += 1;
    if (reason !== undefined) return reason;
    const folder = join(root, 'node_modules', 'electron');
    mkdirSync(join(folder, 'dist'), { recursive: true });
    writeFileSync(join(folder, 'path.txt'), 'electron');
    writeFileSync(join(folder, 'dist', 'electron'), '');
    return '';
  };
  const why = whyNoElectron(root, { env: display, say: (text: string) => void said.push(text), download });
  return { why, said, downloads };
}

it.skipIf(process.platform !== 'linux')('without a display nothing is downloaded', () => {
  const say = (): never => {
    throw new Error('nothing to say');
  };
  expect(whyNoElectron(testFolder(), { env: {}, say, download: say })).toBe('there is no display');
});

it('a download that fails is said, with how to get it, and is tried again a day later', () => {
  const root = testFolder();
  const first = tried(root, 'fetch failed');
  expect(first.said).toEqual([expect.stringMatching(/not here yet: downloading it, for 60 s at most/)]);
  expect(first.why).toMatch(/could not be downloaded \(fetch failed\)\. To get it, run "node .*install\.js"/);
  const second = tried(root, 'fetch failed');
  expect(second).toMatchObject({ downloads: 0, said: [] });
  expect(second.why).toMatch(/is not installed\. To get it, run/);

  const marker = join(root, 'node_modules', '.cache', 'surprisal', 'electron-tried');
  for (const hours of [-25, 25]) {
    const at = new Date(Date.now() + hours * 3_600_000); // yesterday, and a clock that was set back since
    utimesSync(marker, at, at);
    expect(tried(root, 'fetch failed').downloads).toBe(1);
  }
});

it('a download that works opens the app at once', () => {
  const root = testFolder();
  expect(tried(root, undefined)).toMatchObject({ why: undefined, downloads: 1 });
  expect(electronPath(root, {})).toBe(join(root, 'node_modules', 'electron', 'dist', 'electron'));
  expect(tried(root, 'not asked')).toMatchObject({ why: undefined, downloads: 0 });
});
