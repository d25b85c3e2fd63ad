/** @file Logs: files that were read, what is followed, and their lines. */
import type { Instant } from './instant.ts';
import type { FormatId, LineSeverity, ParsedLine, SourceFormat, TextEncoding, TimeAssumption } from './lines.ts';

export type Source = {
  id: number;
  name: string;
  format: SourceFormat;
  /** Share of lines that fit the format, 0 to 1. */
  fitShare: number;
  state: 'importing' | 'ready' | 'partial';
  sizeBytes: number;
  lineCount: number;
  eventCount: number;
  /** Lines that did not fit the format and were read as plain lines. */
  plainCount: number;
  blankCount: number;
  /** Lines with bytes that are no valid UTF-8; the exact bytes are kept. */
  badByteCount: number;
  encoding: TextEncoding;
  sessionCount: number;
  templateCount: number;
  firstAt: Instant | null;
  lastAt: Instant | null;
  assumption: TimeAssumption;
  importedAt: Instant;
  /** Null until scored; the latest run. */
  scoredAt: Instant | null;
  /** How following it goes; null for a log that was imported. */
  live: LiveState | null;
};

/** Waiting: the file is not there. Failed: it cannot be read, `message` says why. Paused and stopped: nothing is read. */
export type LiveState = {
  watchId: number;
  state: 'following' | 'waiting' | 'failed' | 'paused' | 'stopped';
  /** What went wrong, or what is to be known. */
  message: string | null;
  /** Bytes that are there and not read, and how long the oldest of them has been there. */
  lagBytes: number;
  lagMs: number;
  linesPerSecond: number;
};

/** What is followed: a file, the files of a folder whose names fit a pattern, or standard input. */
export type Watch = {
  id: number;
  kind: 'file' | 'folder' | 'input';
  path: string;
  pattern: string;
  state: 'following' | 'paused' | 'stopped';
};

/** One event. Its lines, where it has several, are joined by line feeds. */
export type LogLine = {
  eventId: number;
  /** Of its first line. */
  lineNumber: number;
  at: Instant | null;
  severity: LineSeverity | null;
  /** Cut to 2,000 characters in lists; `isCut` says so. */
  raw: string;
  isCut: boolean;
};

/** A file the user chose; the renderer never sees or gives a path. */
export type ChosenFile = { token: string; name: string; sizeBytes: number };

/** A first event as the format reads it; `raw` is cut to 2,000 characters, and fields behind that are left out. */
export type PreviewEvent = ParsedLine & { raw: string; lineNumber: number; isCut: boolean };

export type Preview = {
  file: ChosenFile;
  events: PreviewEvent[];
  /** As what it is read here. */
  format: FormatId;
  /** What it is taken for by its first lines. */
  detected: FormatId;
  /** Share of the first lines that fit `format`. */
  fitShare: number;
  /** Every format, best first. */
  ranking: { format: FormatId; share: number }[];
  assumption: TimeAssumption;
  encoding: TextEncoding;
  alreadyImported: { sourceId: number; name: string } | null;
};
