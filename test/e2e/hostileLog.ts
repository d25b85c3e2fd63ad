/** @file A log whose every part wants to be more than text: markup, scripts, bidirectional and control characters, formulas, control tokens. */

/** Elements that markup of the log would make carry this attribute. */
export const brand = 'data-pwned';

const texts = [
  `<script ${brand}>window.pwned=1</script>`,
  `<img ${brand} src=x onerror="window.pwned=1">`,
  `"><svg ${brand} onload=window.pwned=1>`,
  `' onmouseover='window.pwned=1' ${brand}='`,
  `<iframe ${brand} srcdoc="<script>parent.pwned=1</script>"></iframe>`,
  `<a ${brand} href="javascript:window.pwned=1">here</a>`,
  `<meta ${brand} http-equiv=refresh content="0;url=https://evil.example">`,
  `<link ${brand} rel=stylesheet href=https://evil.example/x.css>`,
  `<form ${brand} action=https://evil.example><input autofocus onfocus=window.pwned=1>`,
  `</script></style></title></textarea></iframe><b ${brand}>bold</b>`,
  '&lt;b&gt; &#60;b&#62; <!-- ]]> <![CDATA[ --!>',
  "{{constructor.constructor('window.pwned=1')()}} ${window.pwned=1} <%= 1 %>",
  'report\u202etxt.exe\u202c \u2066isolated\u2069 \u200f',
  'zero\u200bwidth\u2060 \ufeff\u00ad',
  '\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u0000 \u0085',
  "=cmd|' /C calc'!A0",
  '@SUM(1,1)',
  '+1+1;=HYPERLINK("https://evil.example")',
  '<IP> <SEP> <|endoftext|> <*> <UNK> <USER> <PAD> [CLS]',
  'https://evil.example/collect?cookie=1',
];

/** Every text in every part of a line: machine, program, user, address, message, and as a line of its own. */
export const hostileLines: readonly string[] = texts.flatMap((text, index) => {
  const word = text.replaceAll(' ', '/');
  const stamp = `Sep 10 10:00:${String(index).padStart(2, '0')}`;
  return [
    text,
    `${stamp} gw1 sshd[${index}]: ${text}`,
    `${stamp} ${word} sshd[${index}]: seen on a machine of that name`,
    `${stamp} gw1 ${word}[${index}]: said by a program of that name`,
    `${stamp} gw1 sshd[${index}]: Accepted password for ${word} from 10.9.9.${index} port 22 ssh2`,
    `${stamp} gw1 sudo:   ${word} : TTY=${word} ; PWD=/ ; USER=root ; COMMAND=${text}`,
    `${stamp} gw1 nginx: ${word} - ${word} [10/Sep/2026:10:00:00 +0000] "GET /${word} HTTP/1.1" 200 1 "-" "${text}"`,
  ];
});

/** As a file is called; what of it hides or reorders is to be seen wherever the name is. */
export const hostileName = `<img ${brand} src=x onerror=window.pwned=1> =1+1 \u202egpj.\u202c\u200b\u001b[31m.log`;
