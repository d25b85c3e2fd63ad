/** @file Says in one sentence what is missing before anything else fails without a message. Runs on whatever Node is there. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const neededNode = 24;
const neededNpm = 11;

/** Undefined when everything is there. */
export function findMissing() {
  const agent = /\bnpm\/(\d+)/.exec(process.env.npm_config_user_agent ?? '');
  if (agent && Number(agent[1]) < neededNpm) {
    return `Surprisal needs npm ${neededNpm} or newer, because older ones ignore "allowScripts" in package.json; this is npm ${agent[1]}: run "npm install -g npm@${neededNpm}" and install again.`;
  }
  if (!existsSync(`${root}node_modules`)) return 'The packages are not installed: run "npm install" first.';
  if (Number(process.versions.node.split('.')[0]) < neededNode) {
    return `Surprisal runs on Node ${neededNode}, which "npm install" brings as the package "node"; this is Node ${process.versions.node}: run "npm install" with npm ${neededNpm} and start through npm.`;
  }
  for (const name of ['better-sqlite3', 'onnxruntime-node']) {
    try {
      require.resolve(name);
    } catch {
      return `The package ${name} is missing: run "npm install" again.`;
    }
  }
  return undefined;
}

/** Ends the process with status 1 and one sentence when something is missing. */
export function preflight() {
  const missing = findMissing();
  if (missing === undefined) return;
  process.stderr.write(`${missing}\n`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) preflight();
