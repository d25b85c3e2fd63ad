/** @file Files of `resources/`, which lies beside `src/` and beside `out/`, however deep the code that asks was put by the build. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../shared/errors.ts';

export function resourcePath(name: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, 'resources', name);
    if (existsSync(path)) return path;
    if (folder === dirname(folder))
      throw new AppError('INTERNAL', `resources/${name} is missing: install the app again.`);
  }
}
