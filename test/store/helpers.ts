/** @file Workspaces in temporary folders that close and go with their test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { openStore } from '../../src/main/store/open.ts';
import type { NewAlert } from '../../src/main/store/protocol/alerts.ts';
import type { TestStore } from './rows.ts';
import { addModel, asTestStore, importLines, openInput, runOf } from './rows.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'surprisal-store-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export async function openTestStore(directory = temporaryDirectory()): Promise<TestStore> {
  const store = asTestStore(directory, await openStore(openInput(directory)));
  cleanups.push(store.close);
  return store;
}

/** A workspace with one source of `lineCount` lines and an alert for each of `alerts`. */
export async function seededStore(alerts: NewAlert[], lineCount = 20): Promise<TestStore & { sourceId: number }> {
  const store = await openTestStore();
  await addModel(store);
  const lines = Array.from({ length: lineCount }, (_, row) => ({ raw: `session opened for user u${row}` }));
  const { sourceId } = await importLines(store, lines);
  await store.ask('replace_run', runOf(sourceId, 'run-1', alerts));
  return { ...store, sourceId };
}
