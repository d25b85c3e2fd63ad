/** @file Trials of single providers, and what is kept of their messages. */
import * as fc from 'fast-check';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { expect, test } from 'vitest';
import { withoutPaths } from '../../src/main/app/diagnostics.ts';
import { tryProvider } from '../../src/main/app/trials.ts';
import { createNodeHost, sourceEntries } from '../../src/main/host/nodeHost.ts';
import { randomModel, tinyShape } from '../trainer/models.ts';

const softwareVulkan = '/usr/lib/chromium/vk_swiftshader_icd.json';
const never = new AbortController().signal;

test('a provider that never comes back is given up (a self-test that never ends)', async () => {
  const host = createNodeHost('test', { ...sourceEntries, engine: new URL('entries/hangs.ts', import.meta.url) });
  const input = { directory: await randomModel(tinyShape, 1), shape: tinyShape, provider: 'webgpu' } as const;
  const trial = await tryProvider(host, input, { signal: never, limitMs: 2500 });
  expect(trial).toMatchObject({ state: 'silent', reason: 'It gave no answer in 3 s.', msPerThousandEvents: null });
});

test.each([
  ['crashes', 'ended', /^signal SIGKILL$/],
  ['differs', 'differs', /^Its answers differ from the CPU's by 0\.020 nat\.$/],
  ['refuses', 'refused', /^the device was lost$/],
])('a provider that %s when it is tried is known as such', async (entry, state, reason) => {
  const host = createNodeHost('test', { ...sourceEntries, engine: new URL(`entries/${entry}.ts`, import.meta.url) });
  const input = { directory: await randomModel(tinyShape, 1), shape: tinyShape, provider: 'webgpu' } as const;
  const trial = await tryProvider(host, input, { signal: never });
  expect(trial).toMatchObject({ state, reason: expect.stringMatching(reason) as string });
});

test('a provider that this system does not have is said to be absent', async () => {
  const input = { directory: await randomModel(tinyShape, 1), shape: tinyShape, provider: 'coreml' } as const;
  const trial = await tryProvider(createNodeHost('test'), input, { signal: never });
  if (process.platform !== 'darwin') expect(trial).toMatchObject({ state: 'absent' });
});

test('a model that cannot be read is said to be the trouble', async () => {
  const input = { directory: '/nowhere/at/all', shape: tinyShape, provider: 'cpu' } as const;
  const trial = await tryProvider(createNodeHost('test'), input, { signal: never });
  expect(trial.state).toBe('refused');
  expect(trial.reason).toMatch(/^shape\.json cannot be read/);
});

const reason = existsSync(softwareVulkan) ? '' : `: ${softwareVulkan} is not there`;
test.skipIf(reason !== '')(`WebGPU on software Vulkan agrees with the CPU${reason}`, async () => {
  const before = { ...process.env };
  process.env['VK_ICD_FILENAMES'] = softwareVulkan;
  // The Vulkan loader lies beside it.
  process.env['LD_LIBRARY_PATH'] = '/usr/lib/chromium';
  try {
    const input = { directory: await randomModel(tinyShape, 1), shape: tinyShape, provider: 'webgpu' } as const;
    const trial = await tryProvider(createNodeHost('test'), input, { signal: never });
    expect(trial).toMatchObject({ state: 'agrees', reason: '' });
    expect(trial.differenceNat).toBeGreaterThan(0); // it was not the CPU that answered
  } finally {
    process.env = before;
  }
});

test.each([
  ['Failed to load /home/ada/app/lib x/libcuda.so: no such file', 'Failed to load libcuda.so: no such file'],
  ['LoadLibrary C:\\Users\\Ada Lovelace\\x\\DirectML.dll failed', 'LoadLibrary DirectML.dll failed'],
  ['\\\\server\\share\\ada\\x.dll is missing', 'x.dll is missing'],
  ['/onnxruntime_src/core/webgpu_context.cc:136 was false', 'webgpu_context.cc:136 was false'],
  ['signal SIGSEGV', 'signal SIGSEGV'],
  ['two\nlines\u001b[31m', 'two lines [31m'],
])('%j is kept as %j', (message, kept) => {
  expect(withoutPaths(message)).toBe(kept);
});

test('no folder of any path is kept', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9_.-]{4,12}$/);
  fc.assert(
    fc.property(fc.array(name, { minLength: 2, maxLength: 6 }), fc.constantFrom('/', '\\'), (names, slash) => {
      const folders = names.slice(0, -1).map((folder) => `${folder}Q`);
      const root = slash === '/' ? '/' : 'D:\\';
      const kept = withoutPaths(`cannot open ${root}${[...folders, names.at(-1)].join(slash)}: error`);
      return folders.every((folder) => !kept.includes(folder));
    }),
  );
});
