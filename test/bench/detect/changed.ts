/** @file P5: the lines of what is judged as other versions of the software write them, and everything read anew from the raw lines. */
import { drawEdits, editLine } from './edits.ts';
import { RawLogs } from './rawLogs.ts';
import type { BenchSession, LabelledSet } from './sessions.ts';

/** Shares of the templates of the part that is judged. */
export const changedShares = [0, 0.05, 0.1, 0.2] as const;

/** The set read from raw lines, with this share of its templates changed. All of them by one workspace that knows what was learned. */
export async function changedSets(set: LabelledSet, seed: number): Promise<{ share: number; set: LabelledSet }[]> {
  return RawLogs.use(async (logs) => {
    const learned = await withKinds(logs, set.learned, (line) => line);
    await logs.freeze();
    const original = await withKinds(logs, set.test, (line) => line);
    const kinds = original.flatMap(({ keys }) => keys);
    const found: { share: number; set: LabelledSet }[] = [];
    for (const share of changedShares) {
      const edits = share === 0 ? new Map() : drawEdits(kinds, share, seed);
      const test = await withKinds(logs, original, (line, key) => {
        const edit = edits.get(key);
        return edit ? editLine(line, edit, set.headWords) : line;
      });
      found.push({ share, set: { ...set, learned, test } });
    }
    const templates = await logs.templates();
    return found.map(({ share, set: own }) => ({ share, set: { ...own, templates } }));
  });
}

/** The same sessions, their kinds those of the changed lines; lines that are no event of their own are left out. */
async function withKinds(
  logs: RawLogs,
  sessions: readonly BenchSession[],
  change: (line: string, key: number) => string,
): Promise<BenchSession[]> {
  const changed = sessions.map(({ lines, keys }) => lines.map((line, i) => change(line, keys[i] ?? -1)));
  const { kinds, isRepeat } = await logs.kindsOf(changed.flat());
  let place = 0;
  return sessions.map((session, i) => {
    const lines = changed[i] ?? [];
    const own = kinds.subarray(place, place + lines.length);
    const repeats = isRepeat.slice(place, (place += lines.length));
    const kept = [...lines.keys()].filter((line) => (own[line] ?? -1) >= 0);
    return {
      ...session,
      lines: kept.map((line) => lines[line] ?? ''),
      keys: kept.map((line) => own[line] ?? 0),
      isRepeat: kept.map((line) => repeats[line] ?? false),
    };
  });
}
