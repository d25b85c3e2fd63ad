/** @file A folder for what all test files of a run share, made before the first and gone after the last. Vitest's global setup. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    sharedFolder: string;
  }
}

export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'surprisal-shared-'));
  project.provide('sharedFolder', folder);
  // Threads and processes that tests start read the same sources over and over. This is where Node keeps such a cache by itself.
  process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'node-compile-cache');
  return () => rmSync(folder, { recursive: true, force: true });
}
