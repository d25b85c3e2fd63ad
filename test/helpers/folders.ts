/** @file Folders of a test's own, gone with the test that made them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';

const make = (): string => mkdtempSync(join(tmpdir(), 'surprisal-test-'));

/** A folder that goes after the test. */
export function testFolder(): string {
  const folder = make();
  ofTest.push(folder);
  return folder;
}

/** A folder that goes after the file's last test: for what several tests share. */
export function fileFolder(): string {
  const folder = make();
  ofFile.push(folder);
  return folder;
}

const ofTest: string[] = [];
const ofFile: string[] = [];
const remove = (folders: string[]): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
};
afterEach(() => remove(ofTest));
afterAll(() => remove(ofFile));
