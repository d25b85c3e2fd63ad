/**
 * @file What detectors know of an event besides its kind and its session: keyed hashes and small numbers, made at import from the parsed line,
 * kept in blocks beside the events, no text. A keyed hash of 0 stands for "the line names none". Of events that an earlier version imported, and
 * of sessions of ids, nothing is kept: their line hash is 0 too, and detectors say nothing of them.
 */

export const loginOutcomes = { none: 0, accepted: 1, failed: 2 } as const;

/** Bits of `flags`. */
export const valueFlags = {
  /** The line does not fit its source's format and was read as a plain line. */
  misfit: 1,
  /** The address is of a private or local range. */
  isInside: 2,
} as const;

/** Bytes of an event in `shape`. */
export const shapeNames = [
  /** 16 * log2(1 + characters), at most 255; likewise tokens. */
  'length',
  'tokens',
  /** Share of the message's characters, times 255. */
  'digits',
  'symbols',
  'capitals',
  'beyondAscii',
  /** 16 * log2(1 + characters of the longest token). */
  'longest',
  /** Distinct characters, at most 255. */
  'distinct',
] as const;

/** Columns; row i is one event. */
export type EventValues = {
  /** Of the masked line as a text model reads it: equal for lines that differ in masked values only. */
  lineHashes: Float64Array;
  /** Of the user that the line is about, also one that failed to log in. */
  users: Float64Array;
  /** Of the network that the line says somebody came from: /24, or /48 of IPv6. */
  networks: Float64Array;
  /** Of the host that wrote the line. */
  hosts: Float64Array;
  /** `loginOutcomes`. */
  outcomes: Uint8Array;
  /** `valueFlags`. */
  flags: Uint8Array;
  /** `shapeNames.length` bytes an event. */
  shapes: Uint8Array;
};

/** Columns of so many events of which nothing is known. */
export function emptyValues(count: number): EventValues {
  return {
    lineHashes: new Float64Array(count),
    users: new Float64Array(count),
    networks: new Float64Array(count),
    hosts: new Float64Array(count),
    outcomes: new Uint8Array(count),
    flags: new Uint8Array(count),
    shapes: new Uint8Array(count * shapeNames.length),
  };
}
