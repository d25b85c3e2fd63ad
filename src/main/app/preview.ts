/** @file What a file looks like before it is imported: how well each format fits, and what the chosen one reads from the first lines. */
import type { PreviewEvent } from '../../shared/sources.ts';
import type { FormatId, ParsedLine, Span } from '../../shared/lines.ts';
import { detectFormat } from '../ingest/detect.ts';
import { readLines } from '../ingest/lines.ts';
import { assumeTimes, createLineParser } from '../ingest/parser.ts';
import { createJoiner } from '../ingest/records.ts';
import type { PreviewInput, PreviewOutput } from './importProtocol.ts';

const shownLines = 200;
const sampleLines = 500;
/** A line is cut in view at this many characters. */
const shownChars = 2000;

export async function previewFile(
  { path, format: chosen, zone, now }: PreviewInput,
  signal: AbortSignal,
): Promise<PreviewOutput> {
  const batches = readLines(path, { signal });
  const first = await batches.next();
  await batches.return(undefined);
  const lines = first.done ? [] : first.value.lines;
  const encoding = first.done ? 'utf-8' : first.value.encoding;
  const sample = lines.slice(0, sampleLines);
  const { format: detected, ranking } = detectFormat(sample);
  const format = chosen ?? detected;
  const assumption = assumeTimes(format, sample, now, zone);
  const events = eventsOf(format, createLineParser(format, assumption), lines.slice(0, shownLines));
  const fitShare = ranking.find((one) => one.format === format)?.share ?? 0;
  return { events, format, detected, fitShare, ranking, assumption, encoding };
}

function eventsOf(format: FormatId, parse: (raw: string) => ParsedLine, lines: readonly string[]): PreviewEvent[] {
  const events: PreviewEvent[] = [];
  const joiner = createJoiner(format, (raw, lineNumber) => events.push(shown(raw, lineNumber, parse(raw))));
  lines.forEach((line, index) => {
    if (line.trim() === '') joiner.pause();
    else joiner.push(line, index + 1, undefined);
  });
  joiner.finish();
  return events;
}

/** Fields behind the cut are left out. */
function shown(raw: string, lineNumber: number, parsed: ParsedLine): PreviewEvent {
  if (raw.length <= shownChars) return { ...parsed, raw, lineNumber, isCut: false };
  const kept = (span: Span | null): Span | null => (span !== null && span.end <= shownChars ? span : null);
  const { host, process, processId, kind, subject, user, message } = parsed;
  return {
    ...parsed,
    host: kept(host),
    process: kept(process),
    processId: kept(processId),
    kind: kept(kind),
    subject: kept(subject),
    user: kept(user),
    message: { start: Math.min(message.start, shownChars), end: Math.min(message.end, shownChars) },
    raw: raw.slice(0, shownChars),
    lineNumber,
    isCut: true,
  };
}
