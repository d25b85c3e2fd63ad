/** @file What `bench text` asks: lines taken as normal to learn from, later normal ones, and attacks. Of `--data DIR`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '../../../src/shared/random.ts';

export type Attack = { text: string; kind: string };

export type TextTask = {
  name: string;
  extension: string;
  /** In time order: the product trains on the first 70 %, stops by the next 10 %, calibrates on the last 20 %. */
  learned: string[];
  normals: string[];
  attacks: Attack[];
};

export async function textTasks(directory: string, seed: number): Promise<TextTask[]> {
  const scans = (await linesOf(directory, 'apache-scans/w3af.txt')).map(withoutStrayQuotes);
  const harrison = (number: number): Promise<string[]> =>
    linesOf(directory, `ait-apache-harrison/intranet.mannsmith.harrison.com-access${number}.log`);
  const older = [...(await harrison(4)), ...(await harrison(3))];
  const elastic = await linesOf(directory, 'elastic/apache_logs');
  const cut = Math.floor(elastic.length * 0.6);
  const web = (name: string, learned: string[], normals: string[]): TextTask[] => [
    task(`${name}_request`, learned.map(requestOf), normals.map(requestOf), scans.map(requestOf)),
    task(`${name}_line`, learned, normals, scans),
  ];
  return [
    await httpParameters(directory, seed),
    ...web('harrison', older, await harrison(2)),
    ...web('elastic', elastic.slice(0, cut), elastic.slice(cut)),
  ];
}

function task(name: string, learned: string[], normals: string[], attacks: string[]): TextTask {
  return { name, extension: 'log', learned, normals, attacks: attacks.map((text) => ({ text, kind: 'scan' })) };
}

/** Parameters have no time: they are shuffled, and the last fifth of the normal ones is the test. */
async function httpParameters(directory: string, seed: number): Promise<TextTask> {
  const rows = (await linesOf(directory, 'httpparams/payload_train.csv')).slice(1).map(fieldsOf);
  const normals = shuffled(
    rows.filter(([, , , label]) => label === 'norm').map(([text = '']) => text),
    seed,
  );
  const cut = Math.floor(normals.length * 0.8);
  return {
    name: 'httpparams',
    extension: 'txt',
    learned: normals.slice(0, cut),
    normals: normals.slice(cut),
    attacks: rows.flatMap(([text = '', , kind = '', label]) => (label === 'anom' ? [{ text, kind }] : [])),
  };
}

async function linesOf(directory: string, name: string): Promise<string[]> {
  return (await readFile(join(directory, name), 'utf8')).split(/\r?\n/).filter((line) => line !== '');
}

/** The file has one more quote at the start and the end of each line. */
function withoutStrayQuotes(line: string): string {
  return line.replace(/^"/, '').replace(/""$/, '"');
}

/** `GET /x HTTP/1.1`: without the agent's name, which gives a scanner away. */
function requestOf(line: string): string {
  return /"([A-Z]+ [^"]*)"/.exec(line)?.[1] ?? line;
}

/** Of a line of CSV, all of its fields in quotes, a quote doubled. */
function fieldsOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, field = '']) => field.replaceAll('""', '"'));
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = new Random(seed);
  return items
    .map((item) => ({ item, place: random.share() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
