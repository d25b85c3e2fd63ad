/** @file The HTML report as text: what it says, and that it says the same again. What a browser makes of it is in `browser.test.ts`. */
import { describe, expect, test } from 'vitest';
import { htmlOf } from './samples.ts';
import { alert, report } from './samples.ts';

/** Text a reader sees, roughly. */
function textOf(html: string): string {
  return html
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<[^>]+>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replace(/\s+/g, ' ');
}

describe('a report', () => {
  const text = textOf(htmlOf(report));

  test.each([
    'Case C-147',
    '20 Nov 2026 14:20:00 UTC+01:00, Europe/Berlin',
    'Severity critical. State open. Workspace office-net. Report by j.keller.',
    '3 alerts: 1 without a verdict, 1 true positive, 1 benign true positive.',
    'No time in the log, and so not among the events: 1 alert.',
    '19.4 bits (1 in 692,000), p 1.7 × 10⁻⁵.',
    '19.4 bitssession closed for user <*>, 61 %; less <*>, < 0.1 %',
    'auth.log, line 1,204,377, byte 88,123,456, 20 Nov 2026 13:58:41 UTC+01:00.',
    'Session of anna.weiss, 40 events. Shown here: 2 of them.',
    'True positivej.keller20 Nov 2026 14:06:40 UTC+01:00Confirmed with the finance team. Account locked.',
    'Audit chain intact, 61 entries',
  ])('says "%s"', (sentence) => {
    expect(text).toContain(sentence);
  });

  test('is the same again, on a machine in another zone too', () => {
    const zone = process.env['TZ'];
    const before = htmlOf(report);
    process.env['TZ'] = 'America/New_York';
    try {
      expect(htmlOf(structuredClone(report))).toBe(before);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  test('prints summer and winter with their own offset', () => {
    const july = Date.UTC(2026, 6, 1, 12);
    const both = textOf(htmlOf({ ...report, alerts: [{ ...alert, at: july }] }));
    expect(both).toContain('1 Jul 2026 14:00:00 UTC+02:00');
    expect(both).toContain('20 Nov 2026 14:20:00 UTC+01:00');
  });

  test('names a zone without an offset once, and the instant of its only alert too', () => {
    const html = htmlOf({ ...report, zone: 'UTC', alerts: [alert] });
    expect(textOf(html)).toContain('Case C-14720 Nov 2026 13:20:00 UTC ');
    expect(html).not.toContain('UTC+00:00');
    // One event at 12:58:41, its alert at 13:00:00, verdict and note at 13:06:40.
    const words = [...html.matchAll(/<text [^>]*>(.*?)<\/text>/g)].map((match) => match[1]);
    expect(words.slice(0, 4)).toEqual(['Events', 'Alerts', 'Verdicts', 'Notes']);
    expect(words.slice(4).every((word) => /^1[23]:\d\d:\d\d$/.test(word ?? ''))).toBe(true);
    expect(textOf(html)).toContain('20 Nov 2026 12:58:41 UTC to 20 Nov 2026 13:06:40 UTC. From top to bottom: events');
  });

  test('of a case without alerts, notes or verdicts has no empty sections', () => {
    const html = htmlOf({
      ...{ ...report, severity: null, alerts: [], notes: [] },
      ...{ observables: [], techniques: [], sources: [], audit: [] },
    });
    expect([...html.matchAll(/<h2>(.*?)<\/h2>/g)].map((match) => match[1])).toEqual([
      'Summary',
      'What the model thought, and how good it is',
    ]);
  });

  test('with times no calendar holds is made all the same', () => {
    const html = htmlOf({ ...report, generatedAt: 1e17, alerts: [{ ...alert, at: -1e300 }] });
    expect(textOf(html)).toContain('no time');
  });

  test('in a zone that does not exist is refused with a way out', () => {
    expect(() => htmlOf({ ...report, zone: '<b>' })).toThrow(/Choose one such as/);
  });
});
