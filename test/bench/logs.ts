/** @file The logs that are measured on: those of a folder, or the office's. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { generateOffice } from '../../src/main/lab/office.ts';

/** Lines of each log. */
export function benchLogs(dataDirectory: string | undefined, officeLineCount: number): string[][] {
  return dataDirectory ? realLogs(dataDirectory) : [[...officeLines(officeLineCount, 1, 0.01)]];
}

/** The office's log, a line at a time. */
export function* officeLines(lines: number, seed: number, anomalyRate: number): Generator<string> {
  for (const { text } of generateOffice({ lines, seed, anomalyRate, startAt: Date.UTC(2026, 8, 7) })) yield text;
}

/** Every log file under a folder, split into lines; archives and tables of ids are left out. */
function realLogs(directory: string): string[][] {
  const logs: string[][] = [];
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const path = join(directory, entry);
    if (!entry.endsWith('.log') || !statSync(path).isFile()) continue;
    logs.push(readFileSync(path, 'utf8').split(/\r?\n/).filter(Boolean));
  }
  return logs;
}
