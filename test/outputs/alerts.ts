/** @file An alert to be sent. */
import type { OutgoingAlert } from '../../src/main/outputs/outgoing.ts';

export function outgoing(change: Partial<OutgoingAlert> = {}): OutgoingAlert {
  return {
    ...{ id: 'alert-1', change: 'raised', name: 'A-1', severity: 'high', severityLevel: 4, title: 'Never seen before' },
    ...{
      reasoning: 'A clear deviation.',
      score: 5,
      p: 1e-5,
      threshold: 3,
      bits: 17,
      perplexity: 12.5,
      confidence: 0.9,
    },
    ...{ detector: 'key', source: 'auth.log', lineNumber: 12, host: 'fs-02', eventCount: 1 },
    entity: { kind: 'user', name: 'anna.weiss' },
    ...{ at: '2026-11-20T13:00:00.000Z', raisedAt: '2026-11-20T13:00:01.000Z' },
    ...{
      line: 'session opened for user anna.weiss',
      isLineCut: false,
      workspaceId: 'workspace-1',
      appVersion: '0.1.0',
    },
    ...change,
  };
}
