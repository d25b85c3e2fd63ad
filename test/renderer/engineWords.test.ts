/** @file What became of a provider, in words. */
import { expect, test } from 'vitest';
import {
  fallbackDetail,
  fallbackText,
  figureTexts,
  reasonText,
  stateText,
} from '../../src/renderer/lib/engineWords.ts';
import type { EngineFailure, EngineFigures, EngineReport, Trial } from '../../src/shared/engineReport.ts';

const now = Date.UTC(2026, 10, 22, 14);
const clock = { zone: 'UTC', now };
const before = Date.UTC(2026, 10, 12, 9, 5);

const trial = (change: Partial<Trial>): Trial => ({
  ...{ provider: 'webgpu', state: 'agrees', at: before, reason: '' },
  ...{ msPerThousandEvents: 1, differenceNat: 1e-6, startMs: 1 },
  ...change,
});

const failure = (change: Partial<EngineFailure>): EngineFailure => ({
  ...{ at: now - 60_000, provider: 'webgpu', home: 'process', how: 'refused', reason: 'the device was lost' },
  ...change,
});

const figures: EngineFigures = {
  ...{ batchTokens: 1024, askedTokens: 20_000, computedTokens: 5000, tokensPerSecond: 0, waitingTokens: 0 },
  residentBytes: 512_000_000,
};

const report = (change: Partial<EngineReport>): EngineReport => ({
  ...{ trials: [], triedOn: 'm1', isTrying: false, inUse: 'cpu', home: 'thread', pinned: null, fallback: null },
  figures,
  ...change,
});

test.each<[string, Partial<Trial>, Partial<EngineReport>]>([
  ['agrees', {}, {}],
  ['in use', { provider: 'cpu' }, {}],
  ['in use, in a process of its own', {}, { inUse: 'webgpu', home: 'process' }],
  ['failed 13:59: not used until the next start', {}, { fallback: failure({}) }],
  ['differs by 0.020 nat: not used', { state: 'differs', differenceNat: 0.02 }, {}],
  ['differs: not used', { state: 'differs', differenceNat: null }, {}],
  ['not on this computer', { state: 'absent' }, {}],
  ['failed 12 Nov 09:05: not used', { state: 'refused' }, {}],
  ['gave no answer 12 Nov 09:05: not tried again', { state: 'silent' }, {}],
  ['crashed 12 Nov 09:05: not tried again', { state: 'ended' }, {}],
])('%s', (words, one, all) => {
  expect(stateText(trial(one), report(all), clock)).toBe(words);
});

test.each<[string, Partial<EngineFailure>]>([
  ['WebGPU failed 13:59, scoring on the CPU', {}],
  ['CUDA crashed 12 Nov 09:05, scoring on the CPU', { provider: 'cuda', how: 'ended', at: before }],
  ['Scoring engine gave no answer 13:59, started again', { provider: 'cpu', how: 'silent' }],
])('%s', (words, change) => {
  expect(fallbackText(failure(change), clock)).toBe(words);
});

test('reasons are sentences, and end once', () => {
  expect(reasonText('signal SIGSEGV')).toBe('Its process ended with signal SIGSEGV.');
  expect(reasonText('the device was lost.')).toBe('The device was lost.');
  expect(fallbackDetail(failure({ reason: '' }))).toMatch(/^Nothing was lost/);
});

test('figures are told where there are any', () => {
  expect(figureTexts(figures)).toEqual([
    'batches of up to 1,024 tokens',
    '75 % of 20,000 tokens from memory',
    '512 MB of memory in use',
  ]);
  const busy = { ...figures, batchTokens: null, askedTokens: 0, tokensPerSecond: 139_000, waitingTokens: 1 };
  expect(figureTexts(busy)).toEqual(['139,000 tokens/s', '1 token waiting', '512 MB of memory in use']);
});
