/** @file Line detectors: what is never seen ranks first, one strange stretch is not averaged away, and no text can be read from what was learned. */
import { describe, expect, it } from 'vitest';
import type { CountedLine, LineContext, LineView } from '../../src/main/detect/detector.ts';
import { text } from '../../src/main/detect/lines/text.ts';
import { trigram, unseenRuns } from '../../src/main/detect/lines/trigram.ts';
import { TrigramSet } from '../../src/main/detect/lines/trigramSet.ts';
import { createKeyedHash } from '../../src/main/text/keyedHash.ts';

const secret = createKeyedHash(new Uint8Array(32).fill(5));
const context: LineContext = { secret, textModelId: 'm' };
const lines = ['GET /index.php?page=home', 'GET /index.php?page=news', 'POST /login.php', 'session opened for user'];
const learned: CountedLine[] = lines.map((line) => ({ line: view(line), count: 3 }));

function view(line: string, bits: number[] = []): LineView {
  return { text: line, bits: Float32Array.from(bits) };
}

describe('trigrams', () => {
  const state = trigram.fit(learned, context);
  const scorer = trigram.open(state, context);
  const score = (line: string): number => scorer.score(view(line));

  it('say nothing of what was seen, and more of more that was not', () => {
    for (const line of lines) expect(score(line)).toBe(0);
    expect(score('GET /index.php?page=newt')).toBeGreaterThan(0);
    expect(score("GET /index.php?page=1' or sleep(5)#")).toBeGreaterThan(score('GET /index.php?page=newt'));
  });

  it('know a line cut off by its last characters', () => {
    expect(score('GET /index.php?page=ho')).toBeGreaterThan(0);
  });

  it('go through JSON, under the workspace’s own secrets alone', () => {
    const kept = JSON.parse(JSON.stringify(state)) as typeof state;
    expect(trigram.open(kept, context).score(view('GET /x.cgi'))).toBe(score('GET /x.cgi'));
    expect(JSON.stringify(state)).not.toContain('index');
    const other = { ...context, secret: createKeyedHash(new Uint8Array(32).fill(6)) };
    expect(trigram.fit(learned, other).base64).not.toBe(state.base64);
  });

  it('point at the characters that were never seen together', () => {
    const line = 'GET /index.php?page=home|id';
    const heat = unseenRuns(TrigramSet.open(state, secret), line);
    expect(Math.max(...heat.subarray(0, 20))).toBe(0);
    expect(heat[line.indexOf('|')]).toBe(3);
  });
});

describe('the text model', () => {
  const scorer = text.open({ textModelId: 'm' }, context);

  it('does not average one strange stretch away', () => {
    const usual = Array<number>(40).fill(2);
    const strange = usual.map((bits, i) => (i < 3 ? 16 : bits * 0.5));
    const mean = (bits: number[]): number => bits.reduce((sum, one) => sum + one, 0);
    expect(mean(strange)).toBeLessThanOrEqual(mean(usual) + 6);
    const line = 'x'.repeat(120);
    expect(scorer.score(view(line, strange))).toBeGreaterThan(3 * scorer.score(view(line, usual)));
  });

  it('says nothing where another model reads lines, or none does', () => {
    expect(scorer.score(view('line'))).toBeNaN();
    const other = text.open({ textModelId: 'm' }, { ...context, textModelId: 'n' });
    expect(other.score(view('line', [1, 2]))).toBeNaN();
  });
});
