/** @file Child processes as ports. Catches a call that waits for ever for a process that never started. */
import { fork } from 'node:child_process';
import { expect, test } from 'vitest';
import { childPort } from '../../src/shared/nodePorts.ts';
import { connectPort } from '../../src/shared/port.ts';
import { testFolder } from '../helpers/folders.ts';

type Echo = { echo: { input: string; output: string } };

test('a child that cannot be started fails every call, those before and those after it is known', async () => {
  const child = fork('none.js', [], {
    cwd: `${testFolder()}/gone`,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const client = connectPort<Echo>(childPort(child), 'trainer');
  const gone = { code: 'PROCESS_GONE', message: expect.stringMatching(/The trainer ended: it could not be started/) };
  await expect(client.call('echo', 'before')).rejects.toMatchObject(gone);
  await expect(client.call('echo', 'after')).rejects.toMatchObject(gone);
});

test('a child that ends at once is told of once, by its exit', async () => {
  const child = fork('none.js', [], { cwd: testFolder(), stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const reasons: string[] = [];
  childPort(child).onGone((reason) => reasons.push(reason));
  await new Promise((resolve) => child.once('close', resolve));
  expect(reasons).toEqual(['exit code 1']);
});
