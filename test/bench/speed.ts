/**
 * @file Lines and events per second of the parts on the path from file to alert and of the path itself, the guide's own way beside it, and
 * the memory they took.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
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
import { benchLogs, officeLines } from './logs.ts';
import { benchDelay } from './delay.ts';
import type { BenchOptions, Figures } from './main.ts';
import { watchMemory } from './memory.ts';
import { textSpeed } from './textSpeed.ts';
import { tokeniseSpeed } from './tokenizer.ts';
import { unwatchedJob } from '../helpers/job.ts';

const defaultLines = 1_000_000;
/** Of which the parts are measured that are fast enough to be known by then. */
const sampledLines = 200_000;
const learnedLines = 60_000;
const sessionCount = 4000;
const sessionEvents = 48;
const cachedRounds = 5;

export async function benchSpeed({ data, lines = defaultLines }: BenchOptions): Promise<Figures> {
  const work = await mkdtemp(join(tmpdir(), 'surprisal-bench-'));
  const memory = watchMemory();
  try {
    const sampled = Math.min(lines, sampledLines);
    // First, so that what the others hold in memory is not counted as its own.
    const whole = await wholeSpeed(work, data === undefined ? undefined : benchLogs(data, sampled), lines);
    const peakMb = memory.peakMb();
    const logs = benchLogs(data, sampled);
    const parts = {
      template_lines_per_s: templateSpeed(logs, sampled),
      split_lines_per_s: splitSpeed(logs, sampled),
      ...(await tokeniseSpeed(work, logs)),
      ...(await scoreSpeed(work)),
    };
    const text = await textSpeed(work, createNodeHost('bench'), logs, sampled);
    return {
      ...{ lines, lines_of_parts: sampled },
      ...parts,
      ...text,
      ...whole,
      ratio_to_tutorial: (whole.import_to_alert_lines_per_s ?? 0) / (text.tutorial_lines_per_s ?? NaN),
      peak_rss_mb: peakMb,
      alert_delay_p95_ms: (await benchDelay()).alert_delay_p95_ms ?? NaN,
    };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Parse, mask and template: what the import thread does with a line besides storing it. Harmonic over logs, each cycled to the same length. */
function templateSpeed(logs: readonly string[][], lineCount: number): number {
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
function splitSpeed(logs: readonly string[][], lineCount: number): number {
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

/** From a file to its alerts, by a model that learned the beginning of the log or a quiet one, and full text behind it. */
async function wholeSpeed(
  work: string,
  logs: readonly string[][] | undefined,
  lineCount: number,
): Promise<Record<string, number>> {
  const [learned, path] = [join(work, 'learned.log'), join(work, 'bench.log')];
  const [longest] = [...(logs ?? [])].sort((a, b) => b.length - a.length);
  await writeLines(learned, longest ? repeated(longest, learnedLines) : officeLines(learnedLines, 1, 0));
  await writeLines(path, longest ? repeated(longest, lineCount) : officeLines(lineCount, 2, 0.01));
  const app = await createApp(createNodeHost('bench'), { workspaceDirectory: join(work, 'workspace') });
  const job = unwatchedJob();
  const { services, scoring, work: jobs } = app.parts;
  const quiet = await importFile(services, { path: learned, name: 'learned.log', format: null }, job);
  await (
    await jobs.startLearn({ sourceIds: [quiet.sourceId] }, {}, 'learned.log')
  ).finished;
  const start = performance.now();
  const source = await importFile(services, { path, name: 'bench.log', format: null }, job);
  const importSeconds = (performance.now() - start) / 1000;
  await scoring.scoreAll([source.sourceId], job);
  const seconds = (performance.now() - start) / 1000;
  const { askedTokens, computedTokens } = services.engine().figures;
  const indexStart = performance.now();
  await services.store.call('index_text', undefined);
  const indexSeconds = (performance.now() - indexStart) / 1000;
  await app.close();
  return {
    import_lines_per_s: source.lineCount / importSeconds,
    import_and_index_lines_per_s: source.lineCount / (importSeconds + indexSeconds),
    score_lines_per_s: source.lineCount / (seconds - importSeconds),
    import_to_alert_lines_per_s: source.lineCount / seconds,
    cache_hit_share: 1 - computedTokens / askedTokens,
  };
}

async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  const chunkLines = 5000;
  await pipeline(function* (): Generator<string> {
    let chunk: string[] = [];
    for (const line of lines) {
      if (chunk.push(line) < chunkLines) continue;
      yield `${chunk.join('\n')}\n`;
      chunk = [];
    }
    if (chunk.length > 0) yield `${chunk.join('\n')}\n`;
  }, createWriteStream(path));
}

function* repeated(lines: readonly string[], count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield lines[i % lines.length] ?? '';
}

/** Distinct random sessions, so that no cache helps: what the model itself does per event. */
async function scoreSpeed(folder: string): Promise<Figures> {
  const work = join(folder, 'keys');
  await mkdir(work);
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
  const held = packSequences(Array.from({ length: 200 }, session));
  const { int8 } = await engine.call('compare', { directory: work, shape, sequences: held });
  if ('failure' in int8) throw new Error(int8.failure);
  // What a model of this shape scores with: `graphGate.ts` leaves narrow ones in f32.
  await engine.call('load', { modelId: 'bench', directory: work, shape, graph: 'f32' });
  const warm = packSequences(Array.from({ length: 64 }, session));
  await engine.call('score', { modelId: 'bench', sequences: warm });
  const sequences = packSequences(Array.from({ length: sessionCount }, session));
  const start = performance.now();
  await engine.call('score', { modelId: 'bench', sequences });
  const coldSeconds = (performance.now() - start) / 1000;
  const again = performance.now();
  for (let round = 0; round < cachedRounds; round++) await engine.call('score', { modelId: 'bench', sequences });
  const warmSeconds = (performance.now() - again) / 1000 / cachedRounds;
  await thread.stop();
  const events = sessionCount * sessionEvents;
  return {
    train_tokens_per_s: (training.ids.length * trained.epochs) / (trained.elapsedMs / 1000),
    key_events_per_s_cold: events / coldSeconds,
    key_events_per_s_cached: events / warmSeconds,
    key_int8_times_as_fast: int8.timesAsFast,
  };
}
