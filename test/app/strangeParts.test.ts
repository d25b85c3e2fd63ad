/** @file Which parts of a line are strange. Catches a query that is left white behind a coloured path, and an excerpt that begins elsewhere. */
import { expect, it } from 'vitest';
import { LineReader } from '../../src/main/app/detection/lineReader.ts';
import { secretsOf } from '../../src/main/app/detection/lineDetection.ts';
import { StrangeParts } from '../../src/main/app/strangeParts.ts';
import { fitKinds, KindModel } from '../../src/main/detect/kinds.ts';
import { trigram } from '../../src/main/detect/lines/trigram.ts';
import { createKeyedHash } from '../../src/main/text/keyedHash.ts';
import type { KeyModel } from '../../src/main/app/keyModel.ts';

const hashKey = new Uint8Array(32).fill(5);
const hash = createKeyedHash(hashKey);
const lineOf = (raw: string) => ({ raw, format: 'combined', assumption: { year: null, zone: null } }) as const;
const request = (target: string): string =>
  `10.0.0.7 - - [20/Nov/2026:13:58:41 +0000] "GET ${target} HTTP/1.1" 200 512`;

function parts(): StrangeParts {
  const reader = new LineReader(null);
  const lines = ['/intranet/news.html', '/intranet/list.html?page=2'].map((target) => ({
    line: { text: reader.read(lineOf(request(target))).masked.text, bits: new Float32Array() },
    count: 9,
  }));
  const context = { secret: secretsOf(hashKey), textModelId: null };
  const words = ['GET', '/intranet', '.html', 'HTTP/1.1', '200'].map(hash);
  const kinds = new KindModel(
    fitKinds(Array.from({ length: 40 }, (_, key) => ({ key, severity: -1, processHash: 0, wordHashes: words }))),
  );
  const lineDetection = { learned: { trigram: trigram.fit(lines, context) } };
  return new StrangeParts({ kinds, lines: lineDetection } as unknown as KeyModel, hashKey);
}

it('are the path, its ending and the query of a request for a shell, and not its version', () => {
  const raw = request('/shell.jsp?cmd=id');
  const strange = parts();
  const found = strange.ofNewKind(lineOf(raw)).map(({ start, end }) => raw.slice(start, end));
  expect(found).toEqual(expect.arrayContaining(['/shell', '.jsp', 'cmd=id']));
  expect(found).not.toContain('HTTP/1.1');
  expect(strange.beginning(lineOf(raw), true)).toBe(raw.indexOf('/shell'));
});

it('are none in a line as training had them', () => {
  const raw = request('/intranet/news.html');
  expect(parts().beginning(lineOf(raw), true)).toBeUndefined();
  expect(parts().beginning(lineOf(raw), false)).toBeUndefined();
});
