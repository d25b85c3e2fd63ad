/** @file The text model's surprise of a masked line: its bits over its tokens, of a short line less. */
import type { LineDetector } from '../detector.ts';

const addedTokens = 4;

export const text: LineDetector<null> = {
  kind: 'line',
  id: 'text',
  needsTextModel: true,
  fit: () => null,
  open: () => ({
    score: ({ bits }) => {
      if (bits.length === 0) return Number.NaN;
      return bits.reduce((sum, one) => sum + one, 0) / (bits.length + addedTokens);
    },
  }),
};
