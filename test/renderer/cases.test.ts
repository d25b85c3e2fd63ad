/** @file Notes and timeline of a case. Catches a note that becomes markup or a way out, a mark that is lost in zooming, a zone that moves a due date. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { momentsOf, moved, placesOf, rangeOf, zoomed, type Moment } from '../../src/shared/caseTimeline.ts';
import { markdownTree, type MarkdownNode } from '../../src/shared/markdown.ts';
import { instantOfWall, wallText } from '../../src/renderer/lib/time.ts';

const textOf = (nodes: readonly MarkdownNode[]): string =>
  nodes.map(({ text, children }) => text + textOf(children)).join('');
const tagsOf = (nodes: readonly MarkdownNode[]): string[] =>
  nodes.flatMap(({ tag, children }) => [...(tag === null ? [] : [tag]), ...tagsOf(children)]);

describe('a note', () => {
  it('is drawn as it was meant', () => {
    const nodes = markdownTree('# Head\n\n- **one**\n- `two`\n\n| a | b |\n| - | - |\n| 1 | 2 |\n');
    expect(tagsOf(nodes)).toEqual(
      expect.arrayContaining(['h1', 'ul', 'li', 'strong', 'code', 'table', 'tr', 'th', 'td']),
    );
    expect(textOf(nodes)).toBe('Headonetwoab12');
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '![a picture](https://bad.example/x.png)',
    '[a link](https://bad.example)',
    '[a link](javascript:alert(1))',
    '<https://bad.example>',
    'a <b onmouseover=x>word</b>',
    '> '.repeat(3000) + 'deep',
  ])('has no element that could act: %j', (source) => {
    const nodes = markdownTree(source);
    for (const tag of tagsOf(nodes)) expect(['p', 'span', 'blockquote', 'em']).toContain(tag);
  });

  it('shows where a link leads, and loses no word', () => {
    expect(textOf(markdownTree('see [here](https://bad.example/x)'))).toBe('see here (https://bad.example/x)');
    expect(textOf(markdownTree('<b>5</b> &amp; more'))).toBe('<b>5</b> & more');
  });

  it('of any text is read without a fault', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (source) => void markdownTree(source)));
  });
});

describe('the timeline', () => {
  const instants = fc.array(fc.integer({ min: 0, max: 1e12 }), { minLength: 1, maxLength: 60 });
  const momentAt = (at: number): Moment => ({ lane: 'Events', at, text: '', severity: 3, verdict: null });

  it('draws every moment once, however many share a place', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 100, max: 2000 }), (ats, width) => {
        const moments = ats.sort((a, b) => a - b).map(momentAt);
        const range = rangeOf(moments);
        if (!range) throw new Error('No range.');
        const places = placesOf(moments, 'Events', range, width);
        expect(places.reduce((sum, { count }) => sum + count, 0)).toBe(moments.length);
        for (const { x } of places) expect(x >= 0 && x <= width).toBe(true);
      }),
    );
  });

  it('never leaves what there is, and zooming out comes back to all of it', () => {
    fc.assert(
      fc.property(
        instants,
        fc.array(fc.constantFrom('in', 'out', 'left', 'right'), { maxLength: 20 }),
        (ats, steps) => {
          const whole = rangeOf(ats.sort((a, b) => a - b).map(momentAt));
          if (!whole) throw new Error('No range.');
          let range = whole;
          for (const step of steps) {
            if (step === 'in') range = zoomed(range, whole, 0.5);
            else if (step === 'out') range = zoomed(range, whole, 2);
            else range = moved(range, whole, step === 'left' ? -0.25 : 0.25);
            expect(range.from).toBeGreaterThanOrEqual(whole.from - 1);
            expect(range.to).toBeLessThanOrEqual(whole.to + 1);
            expect(range.to).toBeGreaterThan(range.from);
          }
          for (let step = 0; step < 60; step++) range = zoomed(range, whole, 2);
          expect(range.to - range.from).toBeCloseTo(whole.to - whole.from, 0);
        },
      ),
    );
  });

  it('has notes by their first line', () => {
    const note = { id: 'n', analyst: 'a', writtenAt: 5, text: '\nFirst\nSecond' };
    expect(momentsOf({ alerts: [], notes: [note] }, (value) => value)).toMatchObject([
      { lane: 'Notes', at: 5, text: 'a: First' },
    ]);
  });
});

it('a due date is the wall clock of the zone, also where clocks are changed', () => {
  for (const zone of ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu']) {
    for (const text of ['2026-11-20T13:58', '2026-03-29T12:00', '2026-10-25T01:30', '2026-07-01T00:00']) {
      const at = instantOfWall(text, zone);
      expect([zone, wallText(at ?? 0, zone)]).toEqual([zone, text]);
    }
  }
  expect(instantOfWall('', 'UTC')).toBeNull();
});
