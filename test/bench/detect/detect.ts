/** @file `bench detect [PROTOCOL or SET...]`: all ways of detecting side by side on labelled data, and under honest conditions. What is missing is named, never guessed. */
import type { Report } from '../main.ts';
import { arms, leftOut } from './arms.ts';
import { conditions } from './conditions.ts';
import { changed, quick, timeSplit, unique, type RunOptions } from './protocols.ts';
import { comparisonTable, plainTable, type Comparison } from './report.ts';
import { missingFiles, readPublicLogs } from './publicSets.ts';
import { published, type Published } from './published.ts';
import { readSets } from './sets.ts';
import type { LabelledSet } from './sessions.ts';

const protocols: Record<string, (set: LabelledSet, options: RunOptions) => Promise<Comparison | Comparison[]>> = {
  p4: (set, options) => timeSplit(set, { ...options, arms }),
  p5: (set, options) => changed(set, options),
  p7: (set, options) => unique(set, { ...options, arms: quick }),
};
const publishedNames: readonly Published[] = ['p1', 'p2', 'p3'];
const setNames = ['lab', 'hdfs-keys', 'bgl', 'thunderbird'];

/** `parts` name protocols, conditions and sets that are wanted; all of a sort where none is named. */
export async function benchDetect(
  directory: string | undefined,
  seeds: number,
  parts: readonly string[],
): Promise<Report> {
  const ofSets = [...Object.keys(protocols), ...Object.keys(conditions)];
  const known = [...publishedNames, ...ofSets, ...setNames];
  const unknown = parts.find((part) => !known.includes(part));
  if (unknown !== undefined) throw new Error(`detect knows no ${unknown}; it knows ${known.join(', ')}.`);
  const isWanted = (name: string): boolean => parts.includes(name) || parts.every((part) => setNames.includes(part));
  const wantsSets = ofSets.some(isWanted);
  const sets = wantsSets
    ? await readSets(
        directory,
        setNames.filter((name) => parts.includes(name)),
      )
    : [];
  const missing = [
    ...missingFiles(directory).map((file) => `P1, P2, P3 need ${file}`),
    ...(directory === undefined ? ['P4, P5, P7 on hdfs-keys, bgl, thunderbird: --data DIR'] : []),
  ];
  const comparisons: Comparison[] = [];
  const wanted = publishedNames.filter(isWanted);
  const logs = wanted.length > 0 ? await readPublicLogs(directory) : [];
  for (const log of logs) for (const name of wanted) comparisons.push(await published(name, log, { seeds }));
  for (const [name, run] of Object.entries(protocols)) {
    if (!isWanted(name)) continue;
    for (const set of sets) comparisons.push(...[await run(set, { seeds })].flat());
  }
  const tables: { name: string; notes: string[]; rows: Record<string, string | number>[] }[] = [];
  for (const [name, run] of Object.entries(conditions)) {
    if (!isWanted(name)) continue;
    for (const set of sets) {
      const found = await run(set, { seeds });
      if (found) tables.push({ name: `${name}, ${set.name}`, ...found });
    }
  }
  return {
    json: { comparisons, conditions: tables, missing, leftOut },
    markdown: [
      ...comparisons.map((one) => comparisonTable(one)),
      ...tables.map(({ name, notes, rows }) => plainTable(name, notes, rows)),
      ...missing.map((text) => `Missing: ${text}`),
      ...leftOut.map((text) => `Left out: ${text}`),
      '',
    ].join('\n'),
  };
}
