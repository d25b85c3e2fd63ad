/** @file Outputs by commands: set with a test, alerts of a scored log sent, a receiver that is gone said with status 3 and nothing lost. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runMain, type Outcome } from '../helpers/cli.ts';
import { testFolder } from '../helpers/folders.ts';
import { learnOffice } from '../helpers/learned.ts';
import { httpReceiver } from '../outputs/receivers.ts';

test('what a scored log raised is sent once, after a receiver was away too; the secret comes from a file', async () => {
  const learned = await learnOffice();
  const folder = testFolder();
  const workspace = await learned.copy(join(folder, 'workspace'));
  const run = (...words: string[]): Promise<Outcome> => runMain(...words, '--workspace', workspace);
  let isUp = true;
  const receiver = await httpReceiver(() => ({ status: isUp ? 200 : 503 }));
  const secretFile = join(folder, 'secret');
  writeFileSync(secretFile, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n');
  const set = await run(
    'output',
    'set',
    '--kind',
    'webhook',
    '--url',
    receiver.url,
    '--secret-file',
    secretFile,
    '--test',
  );
  expect([set.status, set.json()]).toEqual([0, [expect.objectContaining({ isOn: true, hasSecret: true })]]);
  expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ data: { title: 'Test of an output' } });

  await run('score', '--input', learned.watched.path, '--output', join(folder, 'rows.jsonl'));
  isUp = false;
  const away = await run('output', 'send');
  expect([away.status, away.stderr]).toEqual([3, expect.stringMatching(/refused: HTTP 503/)]);
  isUp = true;
  receiver.received.length = 0;
  expect((await run('output', 'send')).status).toBe(0);
  const sent = receiver.received.map(({ body }) => (JSON.parse(body) as { data: { id: string } }).data.id);
  const open = (await run('alerts', '--query', 'state:open')).json();
  expect(sent.toSorted()).toEqual(open.map(({ id }) => id as string).toSorted());
  expect((await run('output', 'send')).json()).toMatchObject([{ kind: 'webhook', waitingCount: 0 }]);
  expect(receiver.received).toHaveLength(open.length);
});

test.each([
  [['--kind', 'webhook', '--to', 'a:1'], 2, /does not take --to/],
  [['--kind', 'syslog', '--to', 'nowhere'], 2, /a host and a port/],
  [['--kind', 'webhook', '--url', 'file:///etc/passwd'], 3, /begins with http/],
])('output %j: status %i', async (words, status, message) => {
  const learned = await learnOffice();
  const workspace = await learned.copy(join(testFolder(), 'workspace'));
  const outcome = await runMain('output', 'set', '--workspace', workspace, ...words);
  expect([outcome.status, outcome.stderr]).toEqual([status, expect.stringMatching(message)]);
});
