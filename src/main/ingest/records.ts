/**
 * @file Lines that make one event together: the records of one audit event, a log line and its stack trace. It stands between the lines of a
 * file and their parser, because only here are both the order of the lines and their numbers known; a parser then reads the event as one
 * text, its lines joined by line feeds, and everything behind sees one event with the number of its first line.
 *
 * Joining depends on nothing but the lines from the start of the file, and events are handed on whole, in the order of their first lines: an
 * import that is made again from the start hands on the same events, whatever it was cut off in. What an event may take is bounded.
 */
import type { FormatId } from '../../shared/lines.ts';
import { readAuditHead } from './formats/auditd.ts';
import { code } from './formats/scan.ts';

const mostLines = 500;
const mostChars = 1 << 20;
/** Audit events that are held back until their last record or until so many others began. */
const mostHeld = 64;
const longestClassName = 512;

/** `rawBytes`: the exact bytes of the event, where one of its lines is no valid UTF-8. `moreLines`: the numbers of its lines but the first. */
export type EmitEvent = (
  raw: string,
  firstLine: number,
  rawBytes: Uint8Array | undefined,
  moreLines: readonly number[],
) => void;

export type EventJoiner = {
  /** The next line of the file that is not blank. */
  push(line: string, lineNumber: number, rawBytes: Uint8Array | undefined): void;
  /** A blank line stands here: it belongs to no event. */
  pause(): void;
  /** The file ends here: hands on what is held. */
  finish(): void;
};

const none: readonly number[] = [];

/** Whether several lines of this format can be one event. */
export function joinsLines(format: FormatId): boolean {
  return format === 'auditd' || joinsTraces(format);
}

export function createJoiner(format: FormatId, emit: EmitEvent): EventJoiner {
  if (format === 'auditd') return new AuditJoiner(emit);
  if (joinsTraces(format)) return new TraceJoiner(emit);
  const push: EventJoiner['push'] = (line, lineNumber, rawBytes) => emit(line, lineNumber, rawBytes, none);
  return { push, pause: () => undefined, finish: () => undefined };
}

/** Formats of applications, whose lines have stack traces behind them. */
export function joinsTraces(format: FormatId): boolean {
  return format === 'log4j' || format === 'stamped';
}

type GatheredLine = { line: string; lineNumber: number; bytes: Uint8Array | undefined };

/** Lines of one event as they gather. Most have one: what more take is made when they come. */
class Gathered {
  readonly firstLine: number;
  readonly #line: string;
  readonly #bytes: Uint8Array | undefined;
  #more: GatheredLine[] | null = null;
  #chars: number;

  constructor(line: string, lineNumber: number, rawBytes: Uint8Array | undefined) {
    this.firstLine = lineNumber;
    this.#line = line;
    this.#bytes = rawBytes;
    this.#chars = line.length;
  }

  /** False: there is no room for it. */
  add(line: string, lineNumber: number, bytes: Uint8Array | undefined): boolean {
    this.#more ??= [];
    if (this.#more.length + 1 >= mostLines || this.#chars + line.length + 1 > mostChars) return false;
    this.#more.push({ line, lineNumber, bytes });
    this.#chars += line.length + 1;
    return true;
  }

  handTo(emit: EmitEvent): void {
    if (this.#more === null) {
      emit(this.#line, this.firstLine, this.#bytes, none);
      return;
    }
    const all = [{ line: this.#line, lineNumber: this.firstLine, bytes: this.#bytes }, ...this.#more];
    const raw = all.map(({ line }) => line).join('\n');
    const hasBytes = all.some(({ bytes }) => bytes !== undefined);
    const moreLines = this.#more.map(({ lineNumber }) => lineNumber);
    emit(raw, this.firstLine, hasBytes ? joinBytes(all) : undefined, moreLines);
  }
}

function joinBytes(lines: readonly GatheredLine[]): Uint8Array {
  const parts = lines.flatMap(({ line, bytes }, index) => {
    const exact = bytes ?? Buffer.from(line, 'utf8');
    return index === 0 ? [exact] : [Uint8Array.of(10), exact];
  });
  return Uint8Array.from(Buffer.concat(parts));
}

/** A line and the lines of its stack trace behind it. A blank line ends them. */
class TraceJoiner implements EventJoiner {
  readonly #emit: EmitEvent;
  #open: Gathered | null = null;

  constructor(emit: EmitEvent) {
    this.#emit = emit;
  }

  push(line: string, lineNumber: number, rawBytes: Uint8Array | undefined): void {
    if (this.#open !== null && isContinuation(line) && this.#open.add(line, lineNumber, rawBytes)) return;
    this.pause();
    this.#open = new Gathered(line, lineNumber, rawBytes);
  }

  pause(): void {
    this.#open?.handTo(this.#emit);
    this.#open = null;
  }

  finish(): void {
    this.pause();
  }
}

type Held = { event: Gathered; key: string; isWhole: boolean };

/** Records with the same time and serial, also where those of several events are mixed. */
class AuditJoiner implements EventJoiner {
  readonly #emit: EmitEvent;
  /** In the order of their first lines. */
  readonly #held: Held[] = [];
  readonly #open = new Map<string, Held>();

  constructor(emit: EmitEvent) {
    this.#emit = emit;
  }

  push(line: string, lineNumber: number, rawBytes: Uint8Array | undefined): void {
    const head = readAuditHead(line);
    const node = head?.host ? line.slice(head.host.start, head.host.end) : '';
    const key = head === null ? '' : `${line.slice(head.stampStart, head.stampEnd)} ${node}`;
    let entry = this.#open.get(key);
    if (entry !== undefined && !entry.event.add(line, lineNumber, rawBytes)) {
      this.#close(entry);
      entry = undefined;
    }
    if (entry === undefined) {
      entry = { event: new Gathered(line, lineNumber, rawBytes), key, isWhole: head === null };
      this.#held.push(entry);
      if (head !== null) this.#open.set(key, entry);
    }
    // The kernel's mark for the end of an event of several records.
    if (head !== null && line.startsWith('EOE', head.type.start) && head.type.end === head.type.start + 3)
      this.#close(entry);
    this.#handOn(mostHeld);
  }

  pause(): void {
    // Records of an event may stand on both sides of a blank line.
  }

  finish(): void {
    this.#handOn(0);
  }

  #close(entry: Held): void {
    entry.isWhole = true;
    if (this.#open.get(entry.key) === entry) this.#open.delete(entry.key);
  }

  #handOn(mostKept: number): void {
    let first = this.#held[0];
    while (first !== undefined && (first.isWhole || this.#held.length > mostKept)) {
      this.#held.shift();
      this.#close(first);
      first.event.handTo(this.#emit);
      first = this.#held[0];
    }
  }
}

/**
 * Whether a line that is not blank belongs to the one before it, as stack traces do: it is indented, or opens with a Java cause or the
 * name of an exception's class.
 */
export function isContinuation(line: string): boolean {
  const first = line.charCodeAt(0);
  if (first === code.space || first === code.tab) return true;
  if (first === 67) return line.startsWith('Caused by: ');
  if (first === 83) return line.startsWith('Suppressed: ');
  // `java.io.IOException: text`: packages begin with a small letter.
  return first >= 97 && first <= 122 && classNameAtStart.test(line.slice(0, longestClassName));
}

const classNameAtStart = /^(?:[a-z_$][\w$]*\.)+[A-Z][\w$]*(?:[:(]|$)/;

/** The part of an event that its parser reads: all but the frames of a stack trace, which are many and say the same. */
export function headOf(raw: string): string {
  let lineEnd = raw.indexOf('\n');
  while (lineEnd >= 0) {
    const next = raw.charCodeAt(lineEnd + 1);
    if (next === code.space || next === code.tab) return raw.slice(0, lineEnd);
    lineEnd = raw.indexOf('\n', lineEnd + 1);
  }
  return raw;
}
