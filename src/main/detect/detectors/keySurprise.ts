/** @file The key model's surprise of each event; of a session's last event, the larger of it and the session's end. */
import type { SessionDetector } from '../detector.ts';

export const keySurprise: SessionDetector<null> = {
  kind: 'session',
  id: 'key',
  needsKeyModel: true,
  fit: () => null,
  open: () => ({
    begin: () => ({
      score: ({ bits, first, count, hasEnd }, scores) => {
        for (let i = 0; i < count; i++) scores[i] = bits[first + i] ?? NaN;
        if (hasEnd && count > 0) scores[count - 1] = Math.max(scores[count - 1] ?? 0, bits[first + count] ?? 0);
      },
    }),
  }),
};
