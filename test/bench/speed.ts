/** @file Lines and events per second of the parts on the path from file to score, and the memory they took. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { connectPort } from '../../src/shared/port.ts';
import { keyTokens, packSequences } from '../../src/shared/sequences.ts';
import type { EngineMethods } from '../../src/shared/engineProtocol.ts';
import type { TrainerMethods } from '../../src/shared/trainerProtocol.ts';
import { createApp } from '../../src/main/app/createApp.ts';
import { importFile } from '../../src/main/app/importFile.ts';
import { createNodeHost } from '../../src/main/host/nodeHost.ts';
import { detectFormat } from '../../src/main/ingest/detect.ts';
import { assumeTimes, createLineParser, templatePrefixOf } from '../../src/main/ingest/parser.ts';
import { createKeyedHash } from '../../src/main/text/keyedHash.ts';
import { tokenize } from '../../src/main/text/mask.ts';
import { TemplateMiner } from '../../src/main/text/templates.ts';
import { Tokens } from '../../src/main/text/tokens.ts';
import { benchLogs } from './logs.ts';
import type { Figures } from './main.ts';
import { tokeniseSpeed } from './tokenizer.ts';

const lineCount = 200_000;
const sessionCount = 4000;
const sessionEvents = 48;

export async function benchSpeed(dataDirectory: string | undefined): Promise<Figures> {
  const work = await mkdtemp(join(tmpdir(), 'surprisal-bench-'));
  try {
    const logs = benchLogs(dataDirectory, lineCount);
    const path = join(work, 'bench.log');
    const file = createWriteStream(path);
    const [longest] = [...logs].sort((a, b) => b.length - a.length);
    const lines = longest ?? [];
    for (let written = 0; written < lineCount; written += lines.length)
      file.write(`${lines.slice(0, lineCount - written).join('\n')}\n`);
    file.end();
    await finished(file);
    return {
      template_lines_per_s: templateSpeed(logs),
      split_lines_per_s: splitSpeed(logs),
      ...(await tokeniseSpeed(work, logs)),
      ...(await importSpeed(work, path)),
      ...(await scoreSpeed(work)),
      peak_rss_mb: process.resourceUsage().maxRSS / 1024,
    };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Parse, mask and template: what the import thread does with a line besides storing it. Harmonic over logs, each cycled to the same length. */
function templateSpeed(logs: readonly string[][]): number {
  let seconds = 0;
  for (const lines of logs) {
    const { format } = detectFormat(lines.slice(0, 500));
    const parse = createLineParser(format, assumeTimes(format, lines.slice(0, 500), Date.UTC(2026, 0, 1), 'UTC'));
    const tokens = new Tokens();
    const miner = new TemplateMiner({ hashWord: createKeyedHash(new Uint8Array(32)) });
    const start = performance.now();
    for (let i = 0; i < lineCount; i++) {
      const raw = lines[i % lines.length] ?? '';
      const parsed = parse(raw);
      miner.add(templatePrefixOf(raw, parsed), raw, tokenize(raw, parsed.message, tokens));
    }
    seconds += (performance.now() - start) / 1000;
  }
  return (lineCount * logs.length) / seconds;
}

/** What the machine gives in the same call: splitting the same lines at blanks, so that the template speed can be read as a ratio. */
function splitSpeed(logs: readonly string[][]): number {
  let seconds = 0;
  let words = 0;
  for (const lines of logs) {
    const start = performance.now();
    for (let i = 0; i < lineCount; i++) words += (lines[i % lines.length] ?? '').split(' ').length;
    seconds += (performance.now() - start) / 1000;
  }
  if (words === 0) throw new Error('There is nothing to split.');
  return (lineCount * logs.length) / seconds;
}

async function importSpeed(work: string, path: string): Promise<Figures> {
  const app = await createApp(createNodeHost('bench'), { workspaceDirectory: join(work, 'workspace') });
  const { signal } = new AbortController();
  const job = { signal, cancelled: signal, update: () => undefined };
  const { services } = app.parts;
  await services.importer();
  const start = performance.now();
  const source = await importFile(services, { path, name: 'bench.log', format: null }, job);
  const importSeconds = (performance.now() - start) / 1000;
  const indexStart = performance.now();
  await services.store.call('index_text', undefined);
  const indexSeconds = (performance.now() - indexStart) / 1000;
  await app.close();
  return {
    import_lines_per_s: source.lineCount / importSeconds,
    import_and_index_lines_per_s: source.lineCount / (importSeconds + indexSeconds),
  };
}

/** Distinct random sessions, so that no cache helps: what the model itself does per event. */
async function scoreSpeed(work: string): Promise<Figures> {
  const host = createNodeHost('bench');
  const shape = { layers: 4, heads: 4, width: 64, contextLength: 64, vocabularySize: 204 };
  let state = 1;
  const random = (): number => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return keyTokens.firstEventId + (state % 200);
  };
  const session = (): number[] => [keyTokens.begin, ...Array.from({ length: sessionEvents }, random), keyTokens.end];
  const trainer = host.startTrainer();
  const training = packSequences(Array.from({ length: 400 }, session));
  const trained = await connectPort<TrainerMethods>(trainer.port, 'trainer').call('train', {
    directory: work,
    training,
    validation: packSequences([session()]),
    shape,
    seed: 1,
    maxEpochs: 3,
    patience: 3,
    learningRate: 1e-3,
    unseenRate: 0.01,
    intraOpThreads: host.cores,
    checkpoint: null,
  });
  await trainer.kill();
  const thread = host.startThread('engine');
  const engine = connectPort<EngineMethods>(thread.port, 'engine');
  await engine.call('load', { modelId: 'bench', directory: work, shape });
  const warm = packSequences(Array.from({ length: 64 }, session));
  await engine.call('score', { modelId: 'bench', sequences: warm });
  const sequences = packSequences(Array.from({ length: sessionCount }, session));
  const start = performance.now();
  await engine.call('score', { modelId: 'bench', sequences });
  const coldSeconds = (performance.now() - start) / 1000;
  const again = performance.now();
  await engine.call('score', { modelId: 'bench', sequences });
  const warmSeconds = (performance.now() - again) / 1000;
  await thread.stop();
  const events = sessionCount * sessionEvents;
  return {
    train_tokens_per_s: (training.ids.length * trained.epochs) / (trained.elapsedMs / 1000),
    key_events_per_s_cold: events / coldSeconds,
    key_events_per_s_cached: events / warmSeconds,
  };
}
