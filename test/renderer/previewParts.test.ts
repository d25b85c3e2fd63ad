/** @file First lines as they are shown before an import. Catches text that is lost, doubled or put to the wrong field. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineParser } from '../../src/main/ingest/parser.ts';
import { firstLineOf, moreLinesText } from '../../src/renderer/lib/eventLines.ts';
import { previewParts } from '../../src/renderer/lib/previewParts.ts';
import type { PreviewEvent } from '../../src/shared/sources.ts';
import { formatIds, type FormatId } from '../../src/shared/lines.ts';

function previewOf(format: FormatId, raw: string): PreviewEvent {
  return { ...createLineParser(format, { year: 2024, zone: 'UTC' })(raw), raw, lineNumber: 1, isCut: false };
}

describe('a previewed line', () => {
  it('names its fields and its message', () => {
    expect(previewParts(previewOf('syslog3164', 'Mar  4 09:07:31 web1 sshd[2]: hello'))).toEqual([
      { text: 'Mar  4 09:07:31 ', field: null },
      { text: 'web1', field: 'host' },
      { text: ' ', field: null },
      { text: 'sshd', field: 'process' },
      { text: '[2]: ', field: null },
      { text: 'hello', field: 'message' },
    ]);
  });

  it('shows a field inside of the message as the field, and goes on with the message', () => {
    const raw = '{"EventID":7,"Channel":"S"}';
    expect(previewParts(previewOf('windows', raw)).map(({ field }) => field)).toEqual([
      'message',
      'kind',
      'message',
      'process',
      'message',
    ]);
  });

  it('is the first line of its event, no character more or less', () => {
    const raw = fc.oneof(
      fc.string({ maxLength: 80 }),
      fc.constantFrom(
        '2024-03-04 09:07:31,250 ERROR [main] a.B - x\n\tat y',
        'type=A msg=audit(1.250:7): exe="/x"\ntype=B msg=audit(1.250:7): addr=1.2.3.4',
        '- 1120000000 2005.06.28 R07 2005-06-28-16.06.40.120450 R07 RAS KERNEL INFO x',
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...formatIds), raw, (format, text) => {
        const parts = previewParts(previewOf(format, text));
        expect(parts.map((part) => part.text).join('')).toBe(firstLineOf(text));
      }),
    );
  });
});

describe('an event of several lines', () => {
  it('says how many more there are', () => {
    expect(moreLinesText('one', false)).toBe('');
    expect(moreLinesText('one\ntwo', false)).toBe('+1 line');
    expect(moreLinesText('one\ntwo\nthree', true)).toBe('+2 or more lines');
  });
});
