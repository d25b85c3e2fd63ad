/**
 * @file Grouping accuracy on the sixteen sets of `loghub/`, where they are given: the share of lines whose template holds the very lines that the
 * reference's holds (Zhu et al., ICSE 2019), and how many templates there are. Lines without a reference are left out.
 */
import { detectFormat } from '../../src/main/ingest/detect.ts';
import { assumeTimes, createLineParser, templatePrefixOf } from '../../src/main/ingest/parser.ts';
import { createJoiner } from '../../src/main/ingest/records.ts';
import { createKeyedHash } from '../../src/main/text/keyedHash.ts';
import { tokenize } from '../../src/main/text/mask.ts';
import { TemplateMiner } from '../../src/main/text/templates.ts';
import { Tokens } from '../../src/main/text/tokens.ts';
import type { Figures } from './main.ts';
import { readReferenceSets } from './references.ts';

export async function benchGrouping(dataDirectory: string | undefined): Promise<Figures> {
  if (!dataDirectory) throw new Error('grouping needs --data DIR with the folder loghub.');
  const figures: Figures = {};
  const fitted: number[] = [];
  let mostTimesReference = 0;
  for (const { name, lines, ids, templateCount, hasLineReferences } of readReferenceSets(dataDirectory)) {
    const groups = group(lines);
    const accuracy = groupingAccuracy(groups, ids);
    const count = new Set(groups).size;
    const key = name.toLowerCase();
    figures[`${key}_accuracy`] = accuracy;
    figures[`${key}_templates`] = count;
    figures[`${key}_reference_templates`] = templateCount;
    figures[`${key}_lines_compared`] = ids.filter((id) => id !== null).length;
    mostTimesReference = Math.max(mostTimesReference, count / templateCount);
    if (!hasLineReferences) fitted.push(accuracy);
  }
  return {
    ...figures,
    fitted_mean_accuracy: fitted.reduce((sum, accuracy) => sum + accuracy, 0) / fitted.length,
    most_templates_times_reference: mostTimesReference,
  };
}

/** Template of each line, as an import gives it: the lines of an event of several have the event's. */
export function group(lines: readonly string[]): number[] {
  const { format } = detectFormat(lines.slice(0, 500));
  const parse = createLineParser(format, assumeTimes(format, lines, Date.UTC(2026, 0, 1), 'UTC'));
  const tokens = new Tokens();
  const miner = new TemplateMiner({ hashWord: createKeyedHash(new Uint8Array(32)) });
  const groups: number[] = Array.from({ length: lines.length }, () => -1);
  const joiner = createJoiner(format, (raw, firstLine, _rawBytes, moreLines) => {
    const parsed = parse(raw);
    const index = miner.add(templatePrefixOf(raw, parsed), raw, tokenize(raw, parsed.message, tokens));
    for (const line of [firstLine, ...moreLines]) groups[line - 1] = index;
  });
  lines.forEach((line, index) => joiner.push(line, index + 1, undefined));
  joiner.finish();
  return groups;
}

export function groupingAccuracy(groups: readonly number[], references: readonly (string | null)[]): number {
  const sizeOfGroup = new Map<number, number>();
  const sizeOfReference = new Map<string, number>();
  const sizeOfBoth = new Map<string, { group: number; reference: string; size: number }>();
  groups.forEach((group, line) => {
    const reference = references[line];
    if (reference === null || reference === undefined) return;
    sizeOfGroup.set(group, (sizeOfGroup.get(group) ?? 0) + 1);
    sizeOfReference.set(reference, (sizeOfReference.get(reference) ?? 0) + 1);
    const both = sizeOfBoth.get(`${group} ${reference}`) ?? { group, reference, size: 0 };
    both.size++;
    sizeOfBoth.set(`${group} ${reference}`, both);
  });
  let right = 0;
  let all = 0;
  for (const { group, reference, size } of sizeOfBoth.values()) {
    all += size;
    if (sizeOfGroup.get(group) === size && sizeOfReference.get(reference) === size) right += size;
  }
  return all === 0 ? 0 : right / all;
}
