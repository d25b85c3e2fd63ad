/** @file Lines that do not fit their source's format: by how rare such lines were in training, those of this kind first. */
import { valueFlags } from '../../../shared/eventValues.ts';
import type { StreamDetector } from '../detector.ts';

/** A source with more of them is of another format, or of several: nothing can be said. */
const mostShare = 0.2;
/** Fewer lines do not tell what is rare. */
const leastEvents = 50;
const mostKinds = 5000;

type State = { events: number; misfits: number; kinds: [templateIndex: number, count: number][] };

export const misfit: StreamDetector<State> = {
  kind: 'stream',
  id: 'misfit',
  fit: (sources) => {
    let events = 0;
    let misfits = 0;
    const kinds = new Map<number, number>();
    for (const pages of sources) {
      for (const { flags, lineHashes, templateIndexes } of pages) {
        for (let row = 0; row < flags.length; row++) {
          if (lineHashes[row] === 0) continue;
          events++;
          if (((flags[row] ?? 0) & valueFlags.misfit) === 0) continue;
          misfits++;
          const kind = templateIndexes[row] ?? 0;
          if (kinds.has(kind) || kinds.size < mostKinds) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        }
      }
    }
    return { events, misfits, kinds: [...kinds] };
  },
  open: ({ events, misfits, kinds }) => {
    const counts = new Map(kinds);
    // As often as a kind came once, the next misfit is of a kind that is new (Good and Turing).
    const once = kinds.filter(([, count]) => count === 1).length;
    const isSilent = events < leastEvents || misfits > mostShare * events;
    return {
      score: ({ flags, lineHashes, templateIndexes }, scores) => {
        if (isSilent) return;
        for (let row = 0; row < flags.length; row++) {
          if (lineHashes[row] === 0 || ((flags[row] ?? 0) & valueFlags.misfit) === 0) continue;
          const count = counts.get(templateIndexes[row] ?? 0) ?? once;
          scores[row] = -Math.log2((count + 0.5) / (events + 1));
        }
      },
    };
  },
};
