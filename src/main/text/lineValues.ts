/** @file What detectors know of a line besides its kind: see `shared/eventValues.ts`. One reader is for lines in any order; it keeps no text. */
import { valueFlags } from '../../shared/eventValues.ts';
import type { ParsedLine } from '../../shared/lines.ts';
import { KnownSpans } from './knownSpans.ts';
import { LineHasher } from './lineHash.ts';
import { LineShape } from './lineShape.ts';
import { networkOf } from './network.ts';
import type { Tokens } from './tokens.ts';
import { findWho } from './who.ts';

/** Of one line; the fields are columns of `EventValues`. */
export type LineValues = {
  lineHash: number;
  user: number;
  network: number;
  host: number;
  outcome: number;
  flags: number;
  /** The first four and the last four bytes of its shape. */
  shapeLow: number;
  shapeHigh: number;
};

/** Longer names are told apart by their beginning. */
const longestUser = 128;

export class LineValueReader {
  readonly #hasher: LineHasher;
  readonly #shape = new LineShape();
  readonly #users: KnownSpans<number>;
  readonly #hosts: KnownSpans<number>;
  readonly #networks: KnownSpans<{ hash: number; isInside: boolean }>;

  constructor(keyedHash: (text: string) => number) {
    const hashOf = (what: string, text: string): number => (text === '' ? 0 : keyedHash(`${what}\0${text}`));
    this.#hasher = new LineHasher(keyedHash);
    this.#users = new KnownSpans((name) => hashOf('user', userOf(name)));
    this.#hosts = new KnownSpans((name) => hashOf('host', name));
    this.#networks = new KnownSpans((address) => {
      const network = networkOf(address);
      return { hash: hashOf('network', network?.text ?? ''), isInside: network?.isInside === true };
    });
  }

  /** `tokens` are those of the line's message. */
  read(raw: string, parsed: ParsedLine, tokens: Tokens): LineValues {
    const { user, address, outcome } = findWho(raw, parsed, tokens);
    const network = address && this.#networks.get(raw, address);
    this.#shape.measure(raw, parsed.message, tokens);
    return {
      lineHash: this.#hasher.hash(raw, parsed, tokens),
      user: user ? this.#users.get(raw, user) : 0,
      network: network?.hash ?? 0,
      host: parsed.host ? this.#hosts.get(raw, parsed.host) : 0,
      outcome,
      flags: (parsed.fits ? 0 : valueFlags.misfit) | (network?.isInside ? valueFlags.isInside : 0),
      shapeLow: this.#shape.low,
      shapeHigh: this.#shape.high,
    };
  }
}

/** Without its domain and in small letters, as Windows takes them for the same. */
function userOf(name: string): string {
  return name
    .slice(name.lastIndexOf('\\') + 1)
    .slice(0, longestUser)
    .toLowerCase();
}
