/** @file One source's lines -> parsed lines, with the year and zone that its stamps leave out. */
import type { FormatId, ParsedLine, Span, TimeAssumption } from '../../shared/lines.ts';
import { formatReaders } from './formats/registry.ts';
import { code, plainLine } from './formats/scan.ts';
import { headOf, joinsTraces } from './records.ts';
import { StampClock } from './stampClock.ts';

const dayMs = 86_400_000;
/** Lines looked at for what the stamps lack. */
const sampleSize = 2000;
const openBrace = 123;

/**
 * A parser for the events of one source, in their order: it keeps the year's turn. One that does not fit is returned with
 * `fits: false`, all of it message; it has a time where it states one whole. Throws BAD_INPUT for an unknown zone.
 */
export function createLineParser(format: FormatId, assumption: TimeAssumption): (raw: string) => ParsedLine {
  const clock = new StampClock(assumption);
  const read = formatReaders[format];
  // One of its own: what dates itself by another format must not turn the year of this one.
  const foreignClock = new StampClock(assumption);
  const foreign = (raw: string): ParsedLine => ({ ...plainLine(raw, false), at: timeOfForeign(raw, foreignClock) });
  if (!joinsTraces(format)) return (raw) => read(raw, clock) ?? foreign(raw);
  return (raw) => {
    // Spans into the head hold in all of the event.
    const head = headOf(raw);
    return read(head, clock) ?? foreign(head);
  };
}

/** Of a line that does not fit its log, where it is JSON or a request and so states its whole time. */
function timeOfForeign(raw: string, clock: StampClock): number | null {
  if (raw.charCodeAt(0) === openBrace) return formatReaders.jsonl(raw, clock)?.at ?? null;
  return raw.endsWith('"') || raw.includes('] "') ? (formatReaders.combined(raw, clock)?.at ?? null) : null;
}

/** What wrote a line, for people to read: the program, and the event id or record type. '' where neither is named. */
export function writerOf(raw: string, { process, kind }: ParsedLine): string {
  return joined(raw, kind, process === null ? '' : raw.slice(process.start, process.end));
}

/** What kinds of line are told apart by beside their text: as `writerOf`, but for names of what the text is not of. */
export function templatePrefixOf(raw: string, { process, kind }: ParsedLine): string {
  return joined(raw, kind, process === null ? '' : authorOf(raw, process));
}

function joined(raw: string, kind: Span | null, program: string): string {
  if (kind === null) return program;
  const kindText = raw.slice(kind.start, kind.end);
  return program === '' ? kindText : `${program} ${kindText}`;
}

/**
 * `sshd(pam_unix)`: the text is the module's. `chrome.exe - host:443 close` of a proxy's log: the program is what the line is about, and
 * there are as many as run. A program's own tag (`backup.exe: text`) and a field of JSON are no such name.
 */
function authorOf(raw: string, { start, end }: Span): string {
  if (raw.charCodeAt(end - 1) === code.close) {
    const bracket = raw.lastIndexOf('(', end - 2);
    if (bracket > start && bracket < end - 2) return raw.slice(bracket + 1, end - 1);
  }
  const isSubject = raw.charCodeAt(end) === code.space && raw.startsWith('.exe', end - 4);
  return isSubject ? '' : raw.slice(start, end);
}

/**
 * What the stamps of `sampleLines` (the start of the file) leave out, and the assumption for it: the latest year that does not
 * put the first stamp after the file's last change (`fileModifiedAt`, milliseconds UTC), and the local zone.
 */
export function assumeTimes(
  format: FormatId,
  sampleLines: readonly string[],
  fileModifiedAt: number,
  localZone: string,
): TimeAssumption {
  const read = formatReaders[format];
  const probe = new StampClock({ year: 2000, zone: null });
  let first: string | null = null;
  for (const line of sampleLines.slice(0, sampleSize)) {
    const parsed = read(line, probe);
    if (first === null && parsed !== null && parsed.at !== null) first = line;
  }
  const zone = probe.lackedZone ? localZone : null;
  if (!probe.lackedYear || first === null) return { year: null, zone };
  const newest = new Date(fileModifiedAt).getUTCFullYear() + 1;
  // Eight years back finds a leap year for a first stamp of 29 February.
  for (let year = newest; year > newest - 9; year--) {
    const at = read(first, new StampClock({ year, zone }))?.at ?? null;
    if (at !== null && at <= fileModifiedAt + dayMs) return { year, zone };
  }
  return { year: newest - 1, zone };
}
