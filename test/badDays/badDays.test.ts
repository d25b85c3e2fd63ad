/**
 * @file The table of bad input and bad days. Each row is brought about for real, here or in the test it names, and ends with a message that
 * says what happened, where, and what to do. Catches a bad day that nobody proves any more, and one that ends in a stack trace.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEntrance } from '../../src/main/app/entrance.ts';
import { startServer } from '../../src/main/http/server.ts';
import { toErrorData, type Result } from '../../src/shared/errors.ts';
import { createNodeHost } from '../../src/main/host/nodeHost.ts';
import { importLog, openApp, scoreSources } from '../helpers/app.ts';
import { runMain } from '../helpers/cli.ts';
import { testFolder } from '../helpers/folders.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';
import { fillDisk, smallDisk, whyNoSmallDisk } from './smallDisk.ts';

const nobody = 65534;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a row ends with: the message as the analyst reads it. */
type Message = string;
type Day = {
  day: string;
  what: RegExp;
  where: RegExp;
  whatToDo: RegExp;
  unless?: string | undefined;
  come: () => Promise<Message>;
};

let learned: Learned;
beforeAll(async () => {
  learned = await learnOffice();
});

const noTrace = /\n\s+at .*[:(]|undefined|\[object/;

async function onlyMessage(work: Promise<{ status: number | null; stdout: string; stderr: string }>): Promise<Message> {
  const { status, stdout, stderr } = await work;
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  return stderr;
}

/** What the page of a workspace that is not open says. */
async function blockedMessage(
  workspaceDirectory: string,
  then: (retry: () => Promise<unknown>) => Promise<void>,
): Promise<Message> {
  const entrance = await openEntrance(createNodeHost('test'), { workspaceDirectory });
  try {
    const message = entrance.problem()?.message ?? 'It opened.';
    const refused = await entrance.dispatch('alerts.list', { tab: 'open' });
    expect(refused).toMatchObject({ ok: false, error: { message } });
    await then(async () => entrance.dispatch('start.retry', {}));
    return message;
  } finally {
    await entrance.close();
  }
}

const opened = { ok: true, data: { state: 'open' } };

const here: Day[] = [
  {
    day: 'a file that may not be read',
    unless: process.platform === 'win32' ? 'Windows has other rights' : undefined,
    what: /may not be read by this user/,
    where: /secret\.log/,
    whatToDo: /Change its permissions or copy it/,
    come: async () => {
      const folder = testFolder();
      const path = join(folder, 'secret.log');
      writeFileSync(path, 'a line\n');
      chmodSync(path, 0o000);
      const args = ['scripts/surprisal.mjs', 'learn', '--workspace', join(folder, 'workspace'), '--input', path];
      // Root may read anything: the command runs as nobody then.
      const isRoot = process.getuid?.() === 0;
      chmodSync(folder, 0o755);
      if (isRoot) chownSync(folder, nobody, nobody);
      const child = spawn(process.execPath, args, {
        cwd: root,
        ...(isRoot ? { uid: nobody, gid: nobody } : {}),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stderr = '';
      child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
      const [status] = (await once(child, 'close')) as [number];
      return onlyMessage(Promise.resolve({ status, stdout: '', stderr }));
    },
  },
  {
    day: 'an empty file to learn from',
    what: /only 0 events to learn from/,
    where: /empty\.log/,
    whatToDo: /at least 40 are needed/,
    come: async () => {
      const path = join(testFolder(), 'empty.log');
      writeFileSync(path, '');
      return onlyMessage(runMain('learn', '--workspace', join(path, '..', 'workspace'), '--input', path));
    },
  },
  {
    day: 'a disk that is full before there is a workspace',
    unless: whyNoSmallDisk,
    what: /cannot be opened: its disk is full/,
    where: /surprisal-disk-.*workspace/,
    whatToDo: /Free some space and try again/,
    come: async () => {
      const disk = smallDisk(1);
      writeFileSync(join(disk.path, 'other'), Buffer.alloc(1_000_000));
      return blockedMessage(join(disk.path, 'workspace'), async (retry) => {
        disk.grow(32);
        expect(await retry()).toEqual(opened);
      });
    },
  },
  {
    day: 'a disk that is full in the middle of an import',
    unless: whyNoSmallDisk,
    what: /Not saved: the disk .* is full\. What was saved before is kept/,
    where: /surprisal-disk-.*workspace/,
    whatToDo: /Free some space and try again/,
    come: async () => {
      const disk = smallDisk(9);
      const path = join(testFolder(), 'large.log');
      writeFileSync(path, `${learned.quiet.lines.join('\n')}\n`.repeat(60));
      const test = await openApp(join(disk.path, 'workspace'));
      const before = await importLog(test, learned.quiet.path);
      const { jobId } = await test.ask('sources.import', { token: await test.offer(path), thenScore: false });
      const job = await test.finished(jobId);
      expect(job.state).toBe('failed');
      // Reading goes on, what was there is there, and with space it is whole.
      const lines = await test.ask('logs.read', { sourceId: before, afterLine: 0, limit: 500 });
      expect(lines[0]?.raw).toBe(learned.quiet.lines[0]);
      disk.grow(64);
      const again = await importLog(test, path);
      const sources = await test.ask('sources.list', {});
      expect(sources.find(({ id }) => id === again)).toMatchObject({
        state: 'ready',
        lineCount: learned.quiet.lines.length * 60,
      });
      await test.close();
      return job.error ?? '';
    },
  },
  {
    day: 'a disk that is full when a verdict is given',
    unless: whyNoSmallDisk,
    what: /Not saved: the disk .* is full/,
    where: /surprisal-disk-.*workspace/,
    whatToDo: /Free some space and try again/,
    come: async () => {
      const disk = smallDisk(32);
      const test = await openApp(await learned.copy(join(disk.path, 'workspace')));
      await scoreSources(test, [await importLog(test, learned.watched.path)]);
      const { rows } = await test.ask('alerts.list', { tab: 'open' });
      const alertId = rows[0]?.id ?? '';
      // What is free now is taken: the log of the database has room of its own until it grows.
      fillDisk(disk.path);
      const note = 'n'.repeat(20_000);
      let refused;
      for (let tries = 0; refused === undefined && tries < 2000; tries++) {
        const result = await test.app.dispatch('verdicts.give', { alertId, value: 'true_positive', note });
        if (!result.ok) refused = result.error;
      }
      expect(refused?.code).toBe('STORE_FULL');
      expect((await test.ask('status.get', {})).savedText).toBe('Not saved');
      expect((await test.ask('alerts.list', { tab: 'decided' })).rows.length).toBeLessThanOrEqual(1);
      disk.grow(64);
      await test.ask('verdicts.give', { alertId, value: 'true_positive', note });
      expect((await test.ask('status.get', {})).savedText).toBe('Verdicts saved');
      expect(await test.app.parts.services.store.call('verify_audit', undefined)).toMatchObject({ brokenAt: null });
      await test.close();
      return refused?.message ?? '';
    },
  },
  {
    day: 'a disk that is full while the browser sends a log',
    unless: whyNoSmallDisk,
    what: /is full: the log was not taken over/,
    where: /The disk that holds the workspace/,
    whatToDo: /Free some space and open it again/,
    come: async () => {
      const disk = smallDisk(8);
      const app = await openEntrance(createNodeHost('test'), { workspaceDirectory: join(disk.path, 'workspace') });
      const server = await startServer({ app, rendererDirectory: disk.path });
      const link = new URL(server.url);
      const opening = await fetch(link, { redirect: 'manual' });
      const cookie = (opening.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
      const send = async (megabytes: number): Promise<Result<unknown>> => {
        const body = Buffer.alloc(megabytes * 1_000_000, 'a line\n');
        const headers = { cookie, 'x-surprisal': '1' };
        const answer = await fetch(new URL('/upload?name=a.log', link), { method: 'PUT', body, headers });
        return (await answer.json()) as Result<unknown>;
      };
      const refused = await send(12);
      expect(readdirSync(app.uploadDirectory())).toEqual([]);
      expect(await send(1)).toMatchObject({ ok: true });
      await server.close();
      await app.close();
      return refused.ok ? 'It was taken.' : refused.error.message;
    },
  },
  {
    day: 'a disk without room for a backup',
    unless: whyNoSmallDisk,
    what: /No backup was made: it needs \d+ MB free/,
    where: /on the workspace’s disk/,
    whatToDo: /Free some space/,
    come: async () => {
      const disk = smallDisk(32);
      const test = await openApp(join(disk.path, 'workspace'));
      await importLog(test, learned.quiet.path);
      fillDisk(disk.path, 600_000);
      await test.app.parts.backups.makeWhenDue();
      const { backup } = await test.ask('status.get', {});
      expect(backup.newest).toBeNull();
      disk.grow(64);
      await test.app.parts.backups.makeWhenDue();
      expect((await test.ask('status.get', {})).backup).toMatchObject({
        problem: null,
        newest: { name: expect.stringMatching(/db$/) as string },
      });
      await test.close();
      return backup.problem ?? '';
    },
  },
  {
    day: 'a workspace that cannot be written',
    unless: whyNoSmallDisk,
    what: /cannot be written/,
    where: /surprisal-disk-.*workspace/,
    whatToDo: /Give yourself the right to write there, or choose another folder/,
    come: async () => {
      const disk = smallDisk(32);
      const workspace = await learned.copy(join(disk.path, 'workspace'));
      disk.setWritable(false);
      const told = await onlyMessage(runMain('alerts', '--workspace', workspace));
      expect(told).toMatch(/cannot be written/);
      return blockedMessage(workspace, async (retry) => {
        expect(await retry()).toMatchObject({ data: { state: 'blocked', code: 'STORE_READONLY' } });
        disk.setWritable(true);
        expect(await retry()).toEqual(opened);
      });
    },
  },
  {
    day: 'a workspace in a folder that cannot be made',
    unless: whyNoSmallDisk,
    what: /cannot be written/,
    where: /surprisal-disk-.*workspace/,
    whatToDo: /choose another folder/,
    come: async () => {
      const disk = smallDisk(1);
      disk.setWritable(false);
      const path = join(disk.path, 'workspace');
      return onlyMessage(runMain('learn', '--workspace', path, '--input', learned.quiet.path));
    },
  },
  {
    day: 'a port that another program has',
    what: /is taken by another program/,
    where: /^Port \d+/,
    whatToDo: /Choose another with --port, or leave it out/,
    come: async () => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      const workspaceDirectory = join(testFolder(), 'workspace');
      const app = await openEntrance(createNodeHost('test'), { workspaceDirectory });
      const refusal = await startServer({ app, rendererDirectory: workspaceDirectory, port }).then(
        () => 'It was served.',
        (error: unknown) => toErrorData(error).message,
      );
      await app.close();
      other.close();
      return refusal;
    },
  },
];

/** Days whose proof is at home elsewhere: the file and a part of the test's title. */
const elsewhere: Record<string, [file: string, title: string][]> = {
  'a file that is missing': [['test/cli/inputs.test.ts', 'a missing file']],
  'a folder in place of a file': [['test/cli/inputs.test.ts', 'a folder']],
  'a binary file': [
    ['test/cli/inputs.test.ts', 'a picture'],
    ['test/cli/inputs.test.ts', 'random bytes'],
  ],
  'an empty file to score': [['test/cli/inputs.test.ts', 'of nothing, and of nothing but blank lines']],
  'a file that shrinks, is replaced, deleted or written over while it is read': [
    ['test/app/changedFiles.test.ts', 'a file that %s while it is read'],
  ],
  'a gzip file cut short': [['test/cli/inputs.test.ts', 'a truncated gzip file']],
  'a disk that is full: the store itself': [['test/store/full.test.ts', 'what does not fit is not saved']],
  'a workspace in use by another process': [
    ['test/cli/processes.test.ts', 'that another process holds is named'],
    ['test/app/entrance.test.ts', 'one that another has is said'],
  ],
  'a database from the future': [
    ['test/store/open.test.ts', 'a newer database is refused'],
    ['test/app/entrance.test.ts', 'a database of the future is refused'],
  ],
  'a damaged database': [
    ['test/store/open.test.ts', 'a damaged file is named'],
    ['test/app/entrance.test.ts', 'a damaged one is blocked with the backup'],
    ['test/app/entrance.test.ts', 'damage that shows while it is open'],
    ['test/cli/workspace.test.ts', 'restore: without --yes'],
  ],
  'a database that is gone while its backups are there': [['test/store/backup.test.ts', 'a backup that rotted']],
  'a truncated model file': [
    ['test/app/modelFiles.test.ts', 'a truncated graph'],
    ['test/engine/load.test.ts', 'a model cut off at any length is refused'],
  ],
  'a foreign model file': [
    ['test/engine/load.test.ts', 'weights of another shape'],
    ['test/app/modelFiles.test.ts', 'a flipped byte in the weights'],
  ],
  'no GPU': [['test/engine/trials.test.ts', 'a provider that this system does not have is said to be absent']],
  'a GPU that fails in the middle': [['test/engine/client.test.ts', 'a GPU that %s is replaced by the CPU']],
  'a trainer that is killed': [['test/app/interruptions.test.ts', 'fails its job with a sentence']],
  'three verdicts': [['test/badDays/learning.test.ts', 'three: what each says is in force at once']],
  'verdicts that are all of one class': [['test/badDays/learning.test.ts', 'all of one class']],
  'verdicts on alerts of a deleted model': [['test/badDays/learning.test.ts', 'stand and can be given']],
  'an adapting process that is killed': [
    ['test/app/adapting.test.ts', 'is killed: verdicts are kept'],
    ['test/badDays/learning.test.ts', 'the adapting one, in every phase of a retraining'],
    ['test/badDays/learning.test.ts', 'at adoption: the model is adopted'],
  ],
  'a retraining whose trainer is killed': [['test/badDays/learning.test.ts', 'the training one, while it trains']],
  'a disk that is full at adoption': [['test/badDays/learning.test.ts', 'a disk that is full at adoption']],
  'a process that cannot be started': [
    ['test/shared/nodePorts.test.ts', 'a child that cannot be started fails every call'],
  ],
  'no display, or no runtime for the window': [
    ['test/scripts/electron.test.ts', 'without a display nothing is downloaded'],
    ['test/scripts/electron.test.ts', 'a download that fails is said'],
  ],
  'a clock that is set back': [
    ['test/badDays/clock.test.ts', 'verdicts, thresholds, cases and backups keep their order'],
  ],
};

describe('the table of bad days', () => {
  it.each(here)('$day', async ({ what, where, whatToDo, unless, come }) => {
    if (unless !== undefined) {
      process.stdout.write(`Skipped: ${unless}.\n`);
      return;
    }
    const message = await come();
    expect(message).toMatch(what);
    expect(message).toMatch(where);
    expect(message).toMatch(whatToDo);
    expect(message).not.toMatch(noTrace);
  });

  it.each(Object.entries(elsewhere))('%s: its test is there', (_day, proofs) => {
    for (const [file, title] of proofs) {
      const text = readFileSync(join(root, file), 'utf8');
      expect(text.includes(title), `${file} has no test “${title}”`).toBe(true);
    }
  });
});
