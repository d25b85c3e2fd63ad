/** @file Who an alert is about. Catches a client that takes part of another's name, and a name made to be slow to read. */
import { expect, test } from 'vitest';
import { agentOf } from '../../src/main/app/actors.ts';

test('the agent is the last field in quotes, whatever its client put into it', () => {
  const before = '10.0.0.1 - - [20/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5 "-"';
  for (const agent of ['curl/8', '', 'a \\"b\\" c', '\\\\', String.raw`\"`.repeat(400)]) {
    expect(agentOf(`${before} "${agent}"`)).toBe(agent);
    expect(agentOf(`${before} "${agent}"  \r`)).toBe(agent);
  }
  for (const line of [`${before} "no end`, `${before} "${'x'.repeat(2000)}"`, '"', '']) expect(agentOf(line)).toBe('');
});
