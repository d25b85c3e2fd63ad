/** @file The command line: `npm run -s surprisal -- COMMAND ...`. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { preflight, root } from './preflight.mjs';
import { buildIfStale } from './build.mjs';

/**
 * Compiled once, the sources start sooner. Beside the packages and not in the system's shared temporary folder: what is compiled there is
 * code, and must be as hard to change for others as the packages are. Left out where the folder cannot be written.
 */
function keepCompiled() {
  try {
    const packages = join(root, 'node_modules');
    accessSync(packages, constants.W_OK);
    const folder = join(packages, '.cache', 'surprisal', 'compiled');
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    module.enableCompileCache?.(folder);
  } catch {
    // Read-only: every start compiles anew, as it did.
  }
}

preflight();
keepCompiled();
if (process.argv[2] === 'serve' || process.argv[2] === 'browse') buildIfStale({ quiet: false });
const { main } = await import('../src/main/cli/main.ts');
// Threads may hold the process open for a moment; the work is done and written.
process.exit(await main(process.argv.slice(2)));
