/** @file Command-line entry: reads the words, opens the workspace, runs the command, exits with its status. */
import { printable } from '../../shared/hidden.ts';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError, forStderr, toErrorData } from '../../shared/errors.ts';
import { createApp } from '../app/createApp.ts';
import { diagnosticsText, readDiagnostics } from '../app/diagnostics.ts';
import { createNodeHost } from '../host/nodeHost.ts';
import { serve } from '../server.ts';
import { workspacePaths } from '../store/paths.ts';
import type { Arguments } from './arguments.ts';
import { readArguments } from './readArguments.ts';
import { usage } from './usage.ts';
import { UsageError } from './usageError.ts';
import { checkBundle, readBundle, writeBundle } from './bundleCommands.ts';
import {
  addToCase,
  closeCase,
  createCase,
  detachFromCase,
  listCases,
  moveInCases,
  noteCase,
  setCase,
  showCase,
} from './caseCommands.ts';
import { alerts, lab, label, learn, score } from './commands.ts';
import { explain } from './explain.ts';
import { report } from './reportCommand.ts';
import { classify } from './classifyCommands.ts';
import { continueLine, exportModel, importModel, listModels, logprobs, train } from './modelCommands.ts';
import { listOutputs, sendWaiting, setOutput } from './outputCommands.ts';
import { adopt, discard, retrain, rollBack } from './retrainCommands.ts';
import { createToken, listTokens, revokeToken } from './tokenCommands.ts';
import { appVersion } from '../version.ts';
import { watch } from './watch.ts';
import { restore, verify } from './workspace.ts';

const output = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

/** Every other command names a workspace that is there. */
const makesWorkspace = ['learn', 'train', 'classify train', 'import-model', 'bundle import'];

async function run(args: Arguments): Promise<void> {
  if (args.command === 'lab') return lab(args, output);
  if (args.command === 'bundle verify') return checkBundle(args, output);
  const workspaceDirectory = resolve(args.text('workspace'));
  if (args.command === 'serve' || args.command === 'browse')
    return serve({ workspaceDirectory, port: args.appPort(), apiPort: args.apiPort() });
  if (args.command === 'restore') return restore(createNodeHost(appVersion()), workspaceDirectory, args, output);
  // A name mistyped must not become an empty workspace that has no alerts; of one whose database is lost, opening says more.
  const { database, backups } = workspacePaths(workspaceDirectory);
  if (!makesWorkspace.includes(args.command) && !existsSync(database) && !existsSync(backups)) {
    throw new AppError('NOT_FOUND', `There is no workspace in ${workspaceDirectory}. Check the name, or learn first.`);
  }
  // Looked through before there is a workspace: one that cannot be read in leaves no empty one.
  if (args.command === 'bundle import' && !existsSync(database)) await checkBundle(args, () => undefined);
  if (args.command === 'verify-audit') return verify(createNodeHost(appVersion()), workspaceDirectory, args, output);
  const app = await createApp(createNodeHost(appVersion()), { workspaceDirectory, goesOn: false }).catch(
    async (error: unknown) => {
      const known = args.command === 'diagnostics' && isInUse(error) && (await readDiagnostics(workspaceDirectory));
      if (!known) throw error;
      // The app that has it open keeps them up to date.
      process.stdout.write(diagnosticsText(known));
    },
  );
  if (!app) return;
  const stop = (): void => void app.close().finally(() => process.exit(130));
  // Following has no end but this one, and ends well.
  if (args.command !== 'watch') {
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  }
  try {
    switch (args.command) {
      case 'learn':
        return await learn(app, args, output);
      case 'score':
        return await score(app, args, output);
      case 'watch':
        return await watch(app, args, output);
      case 'alerts':
        return await alerts(app, args, output);
      case 'label':
        return await label(app, args, output);
      case 'explain':
        return await explain(app, args, output);
      case 'case create':
        return await createCase(app, args, output);
      case 'case list':
        return await listCases(app, output);
      case 'case show':
        return await showCase(app, args, output);
      case 'case add':
        return await addToCase(app, args, output);
      case 'case move':
        return await moveInCases(app, args, output);
      case 'case set':
        return await setCase(app, args, output);
      case 'case note':
        return await noteCase(app, args, output);
      case 'case close':
        return await closeCase(app, args, output);
      case 'case detach':
        return await detachFromCase(app, args, output);
      case 'bundle export':
        return await writeBundle(app, args, output);
      case 'bundle import':
        return await readBundle(app, args, output);
      case 'report':
        return await report(app, args, output);
      case 'token create':
        return await createToken(app, args, output);
      case 'token list':
        return await listTokens(app, output);
      case 'token revoke':
        return await revokeToken(app, args, output);
      case 'output list':
        return await listOutputs(app, output);
      case 'output set':
        return await setOutput(app, args, output);
      case 'output send':
        return await sendWaiting(app, output);
      case 'train':
        return await train(app, args, output);
      case 'models':
        return await listModels(app, output);
      case 'classify train':
      case 'classify explain':
      case 'classify evaluate':
      case 'classify first-anomaly':
      case 'classify labels':
      case 'classify use':
      case 'classify drop':
      case 'classify export':
        return await classify(app, args, output);
      case 'retrain':
        return await retrain(app, args, output);
      case 'adopt':
        return await adopt(app, args, output);
      case 'discard':
        return await discard(app, args, output);
      case 'rollback':
        return await rollBack(app, args, output);
      case 'import-model':
        return await importModel(app, args, output);
      case 'export-model':
        return await exportModel(app, args, output);
      case 'logprobs':
        return await logprobs(app, args, output);
      case 'continue':
        return await continueLine(app, args, output);
      case 'diagnostics':
        process.stdout.write(await app.parts.providers.diagnosticsText());
        return;
    }
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    await app.close();
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof AppError && error.code === 'WORKSPACE_IN_USE';
}

/** Exit status of a failure: 2 for the words, 3 for what they name, 1 for a bug. */
function statusOf(error: unknown): number {
  if (error instanceof UsageError) return 2;
  return error instanceof AppError && error.code !== 'INTERNAL' ? 3 : 1;
}

/** Runs a command and gives its exit status, with all it said written. */
export async function main(argv: readonly string[]): Promise<number> {
  const unheard = (error: NodeJS.ErrnoException): void => {
    // `surprisal alerts | head`: nobody reads on.
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  };
  process.stdout.on('error', unheard);
  const status = await runCommand(argv);
  // Pipes are written behind one's back on some systems.
  if (process.stdout.writableLength > 0) await new Promise<void>((done) => process.stdout.write('', () => done()));
  process.stdout.off('error', unheard);
  return status;
}

async function runCommand(argv: readonly string[]): Promise<number> {
  try {
    const args = readArguments(argv);
    if (args === 'help') {
      process.stdout.write(`${usage}\n`);
      return 0;
    }
    await run(args);
    return 0;
  } catch (error) {
    const status = statusOf(error);
    process.stderr.write(`${printable(toErrorData(error).message)}\n`);
    if (status === 2) process.stderr.write(`\n${usage}\n`);
    if (status === 1 && error instanceof Error) process.stderr.write(`${forStderr(error)}\n`);
    return status;
  }
}
