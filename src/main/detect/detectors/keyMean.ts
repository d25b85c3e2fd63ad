/** @file The key model's mean surprise of a stretch, the session's end included: what perplexity says. Given to the stretch's last event. */
import type { SessionDetector } from '../detector.ts';
import { visitStretches } from '../stretches.ts';

export const keyMean: SessionDetector<null> = {
  kind: 'session',
  id: 'key_mean',
  needsKeyModel: true,
  fit: () => null,
  open: () => ({
    begin: (isWhole) => {
      let sum = 0;
      let count = 0;
      return {
        score: (part, scores) => {
          const { bits, first, hasEnd } = part;
          visitStretches(part, isWhole, (from, to, isDone) => {
            for (let i = from; i < to; i++) sum += bits[first + i] ?? 0;
            count += to - from;
            if (!isDone) return;
            if (hasEnd && to === part.count) {
              sum += bits[first + to] ?? 0;
              count++;
            }
            scores[to - 1] = sum / count;
            [sum, count] = [0, 0];
          });
        },
      };
    },
  }),
};
