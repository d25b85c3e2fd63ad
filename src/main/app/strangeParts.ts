/**
 * @file Which parts of a line are strange by what a model learned, without asking a network: of a kind never seen its words, by how many known kinds
 * have them, and its values; of any other the runs of characters that training did not have.
 */
import type { HeatSpan } from '../../shared/alerts.ts';
import { createKeyedHash } from '../text/keyedHash.ts';
import { tokenKinds } from '../text/kinds.ts';
import { tokenize } from '../text/mask.ts';
import { isOpen } from '../text/openValues.ts';
import { RunHeat } from './detection/lineHeat.ts';
import type { RawLine } from './detection/lineReader.ts';
import type { KeyModel } from './keyModel.ts';
import { parserOf } from './presenter.ts';

/** Words of a new kind that are common among known kinds are not coloured. */
const leastBits = 1;
/** Where a line is shown from: two runs never seen are a coincidence less often than one. */
const leastShownFrom = 6;

export class StrangeParts {
  readonly #kinds: KeyModel['kinds'];
  readonly #runs: RunHeat;
  readonly #hash: (text: string) => number;

  constructor({ kinds, lines }: Pick<KeyModel, 'kinds' | 'lines'>, hashKey: Uint8Array) {
    this.#kinds = kinds;
    this.#runs = new RunHeat(lines.learned, hashKey);
    this.#hash = createKeyedHash(hashKey);
  }

  /** Spans in order, none over another. A value that may be read as it is written has one figure, the mean of its characters'. */
  ofNewKind(line: RawLine): HeatSpan[] {
    const { raw } = line;
    const runs = this.#runs.of(line);
    const heat: HeatSpan[] = [];
    for (const { kind, start, end } of tokenize(raw, parserOf(line)(raw).message)) {
      let bits = 0;
      if (kind === tokenKinds.word) bits = this.#kinds.wordBits(this.#hash(raw.slice(start, end)));
      else if (isOpen(kind)) bits = meanWithin(runs, start, end);
      if (bits >= leastBits) heat.push({ start, end, bits });
    }
    return heat;
  }

  /** Offset of the first part that is nearly as strange as the strangest; undefined where the line's words are usual. */
  beginning(line: RawLine, isNewKind: boolean): number | undefined {
    const heat = isNewKind ? this.ofNewKind(line) : this.#runs.of(line);
    const most = largest(heat);
    return most < leastShownFrom ? undefined : heat.find(({ bits }) => bits >= most / 2)?.start;
  }
}

function meanWithin(heat: readonly HeatSpan[], from: number, to: number): number {
  const overlap = ({ start, end }: HeatSpan): number => Math.max(0, Math.min(end, to) - Math.max(start, from));
  return heat.reduce((sum, span) => sum + span.bits * overlap(span), 0) / (to - from);
}

function largest(heat: readonly HeatSpan[]): number {
  return heat.reduce((most, { bits }) => Math.max(most, bits), 0);
}
