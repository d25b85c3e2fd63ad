/** @file Which characters of a line are strange, for the heat map: by the bits of the text model's tokens, or by runs of characters never seen. */
import type { HeatSpan } from '../../../shared/alerts.ts';
import { packSequences } from '../../../shared/sequences.ts';
import { unseenRuns } from '../../detect/lines/trigram.ts';
import { TrigramSet, type TrigramState } from '../../detect/lines/trigramSet.ts';
import type { MaskedText } from '../../text/maskedText.ts';
import type { Services } from '../services.ts';
import { secretsOf, type LearnedLines, type LineDetection, type LineModel } from './lineDetection.ts';
import { LineReader, type RawLine } from './lineReader.ts';
import type { LineSource } from './lineScores.ts';

/** Below it a character was to be expected. */
const leastBits = 1;
/** A character of three runs never seen is coloured like one of so many bits. */
const bitsPerRun = 4;

/** Spans of the raw line in order, none empty. */
export async function lineHeat(
  { engine, opened }: Pick<Services, 'engine' | 'opened'>,
  { model, learned }: LineDetection,
  line: RawLine,
): Promise<HeatSpan[]> {
  return model ? textHeat(engine(), model, line) : new RunHeat(learned, opened.hashKey).of(line);
}

/** A character of several tokens has one span with the bits of all. */
async function textHeat(engine: LineSource['engine'], model: LineModel, line: RawLine): Promise<HeatSpan[]> {
  const { encoded } = new LineReader(model.tokenizer).read(line);
  if (!encoded) return [];
  const { length, ids, starts, ends } = encoded;
  const sequences = packSequences([ids.slice(0, length)]);
  const { bits } = await engine.call('score_text', { directory: model.directory, sequences });
  const heat: HeatSpan[] = [];
  for (let token = 0; token < length; token++) {
    const [start, end] = [starts[token] ?? 0, ends[token] ?? 0];
    const own = bits[token] ?? 0;
    const last = heat.at(-1);
    if (end > start) heat.push({ start, end, bits: own });
    else if (last?.end === start) last.bits += own;
  }
  return heat.filter((span) => span.bits >= leastBits);
}

/** Without a text model: the runs of characters that training did not have. */
export class RunHeat {
  readonly #seen: TrigramSet | null;
  readonly #reader = new LineReader(null);

  constructor({ trigram }: LearnedLines, hashKey: Uint8Array) {
    this.#seen = trigram ? TrigramSet.open(trigram as TrigramState, secretsOf(hashKey)) : null;
  }

  of(line: RawLine): HeatSpan[] {
    return this.#seen ? runHeat(this.#seen, this.#reader.read(line).masked) : [];
  }
}

function runHeat(seen: TrigramSet, masked: MaskedText): HeatSpan[] {
  const heat: HeatSpan[] = [];
  unseenRuns(seen, masked.text).forEach((runs, index) => {
    const [start, end] = [masked.starts[index] ?? 0, masked.ends[index] ?? 0];
    if (runs === 0 || end === start) return;
    const bits = runs * bitsPerRun;
    const last = heat.at(-1);
    if (last?.end === start && last.bits === bits) last.end = end;
    else heat.push({ start, end, bits });
  });
  return heat;
}
