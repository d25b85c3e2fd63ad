/** @file The command line: `npm run -s surprisal -- COMMAND ...`. */
import { preflight } from './preflight.mjs';
import { buildIfStale } from './build.mjs';

preflight();
if (process.argv[2] === 'serve') buildIfStale({ quiet: false });
const { main } = await import('../src/main/cli/main.ts');
// Threads may hold the process open for a moment; the work is done and written.
process.exit(await main(process.argv.slice(2)));
