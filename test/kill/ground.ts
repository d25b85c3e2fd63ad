/** @file What a campaign starts from; what only some phases need is made when one of them first asks, for it takes long. */
import { join } from 'node:path';
import { makeBase, type Base } from './base.ts';
import { makeJudged, type Judged } from './judged.ts';
import type { How } from './killed.ts';
import { makeBundle, type Bundle } from './sender.ts';

export type Ground = Base & {
  judged: () => Promise<Judged>;
  bundle: () => Promise<Bundle>;
  /** A sentence where it is not what came of the same work the first time, which was cut off elsewhere or not at all. */
  differs: (what: string, result: string) => string[];
};

export async function makeGround(folder: string, how: How, say: (text: string) => void): Promise<Ground> {
  const base = await makeBase(join(folder, 'base'), how);
  say(`Uninterrupted: ${JSON.stringify(base.tookMs)} ms, ${base.alerts.size} alerts.`);
  const judged = once(() => makeJudged(base, folder, how));
  const bundle = once(async () => {
    const made = await makeBundle(base.workspace, folder, how);
    say(`A bundle of ${made.bytes.length} bytes: ${made.tookMs} ms.`);
    return made;
  });
  const first = new Map<string, string>();
  const differs = (what: string, result: string): string[] => {
    const before = first.get(what) ?? result;
    first.set(what, before);
    return before === result ? [] : [`${what}: ${result}, and the first time ${before}`];
  };
  return { ...base, judged, bundle, differs };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
