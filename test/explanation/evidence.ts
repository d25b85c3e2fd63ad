/** @file An alert's evidence to ask about, for tests. */
import type { Evidence } from '../../src/main/explanation/evidence.ts';

export function evidenceOf(change: Partial<Evidence> = {}): Evidence {
  return {
    name: 'A-12',
    severity: 'high',
    p: 0.0000412,
    thresholdP: 0.001,
    bits: 14.21,
    reading: 'Far more unusual than nearly all that was seen.',
    votes: [{ name: 'Order of events', p: 0.00004 }],
    line: { lineNumber: 214, text: 'Accepted password for root from 10.20.7.44 port 51022 ssh2' },
    sequence: [
      { lineNumber: 213, text: 'Failed password for root from 10.20.7.44', bits: 3.4, isCulprit: false, expected: [] },
      {
        lineNumber: 214,
        text: 'Accepted password for root from 10.20.7.44 port 51022 ssh2',
        bits: 14.21,
        isCulprit: true,
        expected: [{ text: 'Connection closed by <IP>', probability: 0.613 }],
      },
    ],
    who: 'user root',
    host: 'gw1',
    nearest: [{ name: 'A-3', value: 'true_positive', similarity: 0.92 }],
    ...change,
  };
}
