/** @file What main asks of the import thread: lines of a file to events in the store. */
import type { LocatedLines } from '../ingest/lineOffsets.ts';
import type { MessagePort } from 'node:worker_threads';
import type { Preview } from '../../shared/sources.ts';
import type { FormatId } from '../../shared/lines.ts';
import type { SequenceSet } from '../../shared/sequences.ts';
import type { Actor } from '../store/protocol/workspace.ts';
import type { SourceTotals } from '../store/protocol/sources.ts';
import type { WatchMethods } from './watch/watchProtocol.ts';

export type ImportInput = {
  path: string;
  name: string;
  /** Null: by content. */
  format: FormatId | null;
  /** Zone assumed where the log states none. */
  zone: string;
  now: number;
  actor: Actor;
};

export type ImportProgress = {
  sourceId: number;
  bytesRead: number;
  sizeBytes: number;
  lineCount: number;
  linesPerSecond: number;
  /** Where an import that was cut off goes on; null for one that began now. */
  goesOnAtLine: number | null;
};

export type ImportOutput = {
  sourceId: number;
  sha256: string;
  totals: SourceTotals;
  /** Lines too long to keep whole, which became several. */
  cutLineCount: number;
  /** Lines that are no kind of their own, because there are too many. */
  unsortedLineCount: number;
  /** Sessions that were left without an end, because too many actors spoke at the same time. */
  cutSessionCount: number;
};

/** `format` null: by content. */
export type PreviewInput = Pick<ImportInput, 'path' | 'format' | 'zone' | 'now'>;

export type PreviewOutput = Omit<Preview, 'file' | 'alreadyImported'>;

export type ImportMethods = WatchMethods & {
  open: { input: { storePort: MessagePort; hashKey: Uint8Array }; output: undefined };
  preview: { input: PreviewInput; output: PreviewOutput };
  hash: { input: { path: string }; output: string };
  /** Where lines of a file begin, and its hash as it is now. */
  locate: { input: { path: string; lineNumbers: number[] }; output: LocatedLines };
  import: { input: ImportInput; output: ImportOutput; progress: ImportProgress };
  /** What no import goes on with becomes partial. Waits for the import under way. */
  abandon: { input: { actor: Actor }; output: undefined };
  /** A model learned these templates: they change no more. What was cut off could not make its events again, and is abandoned. */
  freeze: { input: { indexes: Int32Array; actor: Actor }; output: undefined };
  /** One session of event ids per line: lines become events, ids become template indexes. `known`: the source is there already. */
  import_sequences: {
    input: ImportInput & { known: { sourceId: number; nextEventId: number } | null };
    output: {
      sourceId: number;
      lineCount: number;
      /** 2 for a table, whose first line is its header. */
      firstLine: number;
      sequences: SequenceSet;
      /** Of each session. */
      eventIds: Float64Array;
      lineNumbers: Int32Array;
    };
    progress: ImportProgress;
  };
};

/** What stands in the place of a process for an id of a sequence: every id is a kind of its own, whatever it looks like. */
export function sequenceIdName(id: string): string {
  return `event id ${id}`;
}
