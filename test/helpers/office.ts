/** @file Small logs of the made-up office: quiet ones to learn from, ones with attacks to score. */
import { writeFileSync } from 'node:fs';
import { generateOffice } from '../../src/main/lab/office.ts';

const startAt = Date.UTC(2026, 8, 7);

export type OfficeLog = { path: string; lines: string[]; isAnomaly: boolean[] };

export const quietOffice = { lines: 1500, seed: 1, anomalyRate: 0 } as const;
export const watchedOffice = { lines: 1000, seed: 2, anomalyRate: 0.05 } as const;

/** A program the quiet office never ran, refused by four machines: four alerts that are alike, whatever the model learned. */
export const rogueLines = [21, 22, 23, 24].map(
  (host) =>
    `Sep 10 03:1${host % 10}:00 gw1 rogued[${host}]: beacon handshake refused by 10.20.7.${host} reason timeout`,
);

/** `more` lines go behind the generated ones. */
export function writeOffice(
  path: string,
  options: { lines: number; seed: number; anomalyRate: number },
  more: readonly string[] = [],
): OfficeLog {
  const lines: string[] = [];
  const isAnomaly: boolean[] = [];
  for (const { text, label } of generateOffice({ ...options, startAt })) {
    lines.push(text);
    isAnomaly.push(label === 'anomaly');
  }
  for (const line of more) {
    lines.push(line);
    isAnomaly.push(true);
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
  return { path, lines, isAnomaly };
}
