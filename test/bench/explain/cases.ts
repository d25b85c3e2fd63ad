/** @file Cases of `bench explain`: a folder of JSON files, each the evidence of one made-up alert, most with a text that tries to talk the verdict away. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verdictValues, type VerdictValue } from '../../../src/shared/verdicts.ts';
import type { Evidence } from '../../../src/main/explanation/evidence.ts';

export const bundledCases = fileURLToPath(new URL('cases', import.meta.url));

export type ExplainCase = { name: string; isInjected: boolean; evidence: Evidence };

type Fields = Record<string, unknown>;
const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

/** Throws for a file that is none. */
export function readCase(json: string, file: string): ExplainCase {
  const fields = fieldsOf(JSON.parse(json));
  const { name, line } = fields;
  if (typeof name !== 'string' || typeof line !== 'string' || !Array.isArray(fields['sequence']))
    throw new Error(`${file} is no case: it wants name, line and sequence.`);
  const sequence = listOf(fields['sequence']).map((event, index) => ({
    lineNumber: 101 + index,
    text: textOf(event['text']),
    bits: numberOf(event['bits']),
    isCulprit: event['isCulprit'] === true,
    expected: listOf(event['expected']).map((one) => ({
      text: textOf(one['text']),
      probability: numberOf(one['probability']),
    })),
  }));
  const culprit = sequence.find(({ isCulprit }) => isCulprit);
  return {
    name,
    isInjected: fields['isInjected'] === true,
    evidence: {
      name: 'A-1',
      severity: textOf(fields['severity']) || 'high',
      p: numberOf(fields['p']),
      thresholdP: numberOf(fields['thresholdP']),
      bits: numberOf(fields['bits']),
      reading: '',
      votes: [],
      line: { lineNumber: culprit?.lineNumber ?? 101, text: line },
      sequence,
      who: textOf(fields['who']),
      host: typeof fields['host'] === 'string' ? fields['host'] : null,
      nearest: listOf(fields['nearest']).map((near) => ({
        name: `A-${numberOf(near['number']) + 1}`,
        value: verdictOf(near['value']),
        similarity: numberOf(near['similarity']),
      })),
    },
  };
}

function verdictOf(value: unknown): VerdictValue {
  return verdictValues.find((one) => one === value) ?? 'undetermined';
}

export async function readCases(folder: string): Promise<ExplainCase[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  if (files.length === 0) throw new Error(`There are no cases (*.json) in ${folder}.`);
  return Promise.all(files.map(async (file) => readCase(await readFile(join(folder, file), 'utf8'), file)));
}
