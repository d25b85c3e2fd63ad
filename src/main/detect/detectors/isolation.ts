/** @file How soon random cuts through what can be counted of a stretch set it apart from those of training. Given to the stretch's last event. */
import { keyTokens } from '../../../shared/sequences.ts';
import { Random } from '../../../shared/random.ts';
import type { SessionDetector } from '../detector.ts';
import { fitForest, isolationScore, type Forest } from '../isolationForest.ts';
import { stretchesOf, visitStretches } from '../stretches.ts';

const hashedCounts = 64;
const featureCount = hashedCounts + 4;
const seed = 1;
/** A forest looks at a few hundred rows a tree. */
const mostRows = 50_000;

export const isolation: SessionDetector<Forest> = {
  kind: 'session',
  id: 'isolation',
  needsKeyModel: false,
  fit: (sessions, { isWhole }) => {
    const rows: Float32Array[] = [];
    const random = new Random(seed);
    let seen = 0;
    for (const session of sessions) {
      for (const ids of stretchesOf(session, isWhole)) {
        // Of more than are wanted each has the same chance to be among them.
        const place = seen < mostRows ? seen : random.integer(0, seen);
        if (place < mostRows) rows[place] = featuresOf(ids);
        seen++;
      }
    }
    return fitForest(rows, seed);
  },
  open: (forest) => ({
    begin: (isWhole) => {
      let ids: number[] = [];
      return {
        score: (part, scores) => {
          visitStretches(part, isWhole, (from, to, isDone) => {
            for (let i = from; i < to; i++) ids.push(part.ids[part.first + i] ?? keyTokens.unseen);
            if (!isDone) return;
            // What it lacks, being cut off, would set it apart.
            if (!(to === part.count && part.isLast && !part.hasEnd))
              scores[to - 1] = isolationScore(forest, featuresOf(ids));
            ids = [];
          });
        },
      };
    },
  }),
};

/** Counts of kinds by hash, number of events and of kinds, share of the commonest kind, entropy; counts as logarithms. */
export function featuresOf(ids: readonly number[] | Int32Array): Float32Array {
  const features = new Float32Array(featureCount);
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  let largest = 0;
  let entropyBits = 0;
  for (const [id, count] of counts) {
    const bucket = (Math.imul(id, 0x9e37_79b1) >>> 0) % hashedCounts;
    features[bucket] = (features[bucket] ?? 0) + count;
    largest = Math.max(largest, count);
    entropyBits -= (count / ids.length) * Math.log2(count / ids.length);
  }
  for (let bucket = 0; bucket < hashedCounts; bucket++) features[bucket] = Math.log2(1 + (features[bucket] ?? 0));
  features.set(
    [Math.log2(1 + ids.length), Math.log2(1 + counts.size), largest / Math.max(1, ids.length), entropyBits],
    hashedCounts,
  );
  return features;
}
