import { describe, expect, it } from 'vitest';
import { kindName } from '../../src/main/text/kinds.ts';
import { tokenize, wordKind } from '../../src/main/text/mask.ts';

/** The message with placeholders by name and words as they are, one blank between tokens. */
function masked(message: string): string {
  return [...tokenize(message, { start: 0, end: message.length })]
    .map(({ kind, start, end }) => (kind === wordKind ? message.slice(start, end) : kindName(kind)))
    .join(' ');
}

function table(samples: readonly [message: string, expected: string][]): void {
  it.each(samples)('%s', (message, expected) => {
    expect(masked(message)).toBe(expected);
  });
}

describe('addresses', () => {
  table([
    ['from 10.1.2.3 to 172.16.0.9 and 192.168.4.4', 'from <IP:private> to <IP:private> and <IP:private>'],
    ['127.0.0.1 169.254.1.1 100.64.0.1 224.0.0.5', '<IP:private> <IP:private> <IP:private> <IP:private>'],
    ['from 8.8.8.8, 172.32.0.1; 100.128.0.1', 'from <IP> <IP> <IP>'],
    ['peer /10.250.1.2:50010 and 203.0.113.9:443', 'peer <IP:private> <PORT> and <IP> <PORT>'],
    ['1.2.3.256 is none', '<VERSION> is none'],
    ['net 10.0.0.0/8', 'net <IP:private> <NUM>'],
    ['::1 fe80::1 2001:db8::7 0:0:0:0:0:0:0:0:2181', '<IP6:private> <IP6:private> <IP6> <IP6:private>'],
    ['::ffff:10.0.0.1 ::ffff:8.8.8.8', '<IP6:private> <IP6>'],
    ['mac 00:11:43:e3:ba:c3 or 00-11-43-E3-BA-C3', 'mac <MAC> or <MAC>'],
    ['rhost=host7.example.net', 'rhost= <HOST>'],
    ['proxy.office.example.com:5070 open', '<HOST> <PORT> open'],
  ]);
});

describe('values', () => {
  table([
    ['10%, -7, +3, 1e-5, 12th, 1.4.1', '<NUM> <NUM> <NUM> <NUM> <NUM> <VERSION>'],
    ['took 12 ms, 5.3s, lifetime <1 sec', 'took <DURATION> <DURATION> lifetime <DURATION>'],
    ['64KB, 1190 bytes (1.16 KB) sent, 0 bytes received', '<SIZE> <SIZE> sent <SIZE> received'],
    // A unit that is a part of another word, or of nothing.
    ['5 seconds-to-live, 3 min_age, 7 MB/s', '<NUM> seconds-to-live <NUM> min_age <NUM> MB s'],
    ['1190 bytes (1.16 KB', '<SIZE> <SIZE>'],
    ['in 3 days. size=12 MB', 'in <DURATION> size= <SIZE>'],
    ['0xdeadbeef de9231d 600540', '<HEX> <HEX> <NUM>'],
    ['d41d8cd98f00b204e9800998ecf8427e', '<HASH>'],
    ['6f9619ff-8b86-d011-b42d-00c04fc964ff', '<UUID>'],
    ['req-0b5c6d7e-1a2b-4c3d-8e9f-001122334455', '<REQ>'],
    ['blk_-5512345678901234567 blk_388', '<BLOCK> <BLOCK>'],
    ['at 15:16:01 on 2005-06-03', 'at <TS> on <TS>'],
    ['2015-10-18T18:01:47.978Z 2005-06-28-16.06.40.120450', '<TS> <TS>'],
    ['Sat Jul  9 12:16:49 2005 then Jul 10 01:00:00', '<TS> then <TS>'],
    ['[22/Dec/2016:22:32:31 +0300]', '<TS> <NUM>'],
    ['May not be a date', 'May not be a date'],
    ['aGVsbG8gd29ybGQgdGhpcyBpcyBCNjQ= x', '<B64> x'],
    ['attempt_1500000000001_0007_m_000042_1', '<ID>'],
    ['R07-M0-N3-C:J05-U01', '<ID> <ID>'],
    ['anna@example.com and user@host7', '<EMAIL> and user host7'],
    ['http://x.example/a?b=1, https://y/z).', '<URL> <URL>'],
    ['ssh2 eth0 ipv4', 'ssh2 eth0 ipv4'],
  ]);
});

describe('ports', () => {
  table([
    [
      'port 22, Port: 443, port=8080 dpt=53 sport=60000',
      'port <PORT> Port <PORT> port= <PORT> dpt= <PORT> sport= <PORT>',
    ],
    ['port 123456 and port open', 'port <NUM> and port open'],
    ['support 22', 'support <NUM>'],
    ['db.example.org:5432', '<HOST> <PORT>'],
  ]);
});

describe('values that are not there', () => {
  table([
    ['from 10.0.0.1 () at 12', 'from <IP:private> <NONE> at <NUM>'],
    ['user - logged in', 'user <NONE> logged in'],
    ['[- - -] a -- b', '<NONE> <NONE> <NONE> a b'],
  ]);
});

describe('paths', () => {
  table([
    ['open /var/log/syslog failed', 'open <PATH> failed'],
    [
      '/etc/shadow /tmp/x /dev/shm/y /home/anna/.ssh /root/k',
      '<PATH:etc> <PATH:tmp> <PATH:tmp> <PATH:home> <PATH:home>',
    ],
    ['C:\\Windows\\System32\\cmd.exe ran', '<PATH> ran'],
    ['text/html and/or', 'text html and or'],
    ['a/b/c pts/0', '<PATH> <PATH>'],
    ['/search?q=1&r=2 done', '<PATH> <QUERY> done'],
  ]);
});

describe('keys', () => {
  table([
    ['uid=0 euid=0 tty=ssh', 'uid= <NUM> euid= <NUM> tty= ssh'],
    ['logname= uid=0 ruser= rhost=10.0.0.1  user=root', 'logname= uid= <NUM> ruser= rhost= <IP:private> user= <USER>'],
    ['a=b=c', 'a= b= c'],
    ['acct="root" exe="/usr/sbin/cron"', 'acct= <USER> exe= <PATH> cron'],
    ['size:12 key:value', 'size <NUM> key value'],
  ]);
});

describe('users', () => {
  table([
    [
      'Accepted password for anna from 10.0.0.5 port 51000 ssh2',
      'Accepted password for <USER> from <IP:private> port <PORT> ssh2',
    ],
    [
      'Failed password for invalid user x1 from 8.8.8.8 port 1 ssh2',
      'Failed password for invalid user <USER> from <IP> port <PORT> ssh2',
    ],
    ['Invalid user  from 8.8.8.8', 'Invalid user from <IP>'],
    ['Invalid user from from 8.8.8.8', 'Invalid user <USER> from <IP>'],
    ['Invalid user a b c from 8.8.8.8 port 9', 'Invalid user <USER> from <IP> port <PORT>'],
    ['Invalid user 10.0.0.1 from 8.8.8.8', 'Invalid user <USER> from <IP>'],
    ['input_userauth_request: invalid user pi [preauth]', 'input_userauth_request invalid user <USER> preauth'],
    [
      'session opened for user root(uid=0) by anna(uid=1001)',
      'session opened for user <USER> uid= <NUM> by <USER> uid= <NUM>',
    ],
    ['session opened for user root by (uid=0)', 'session opened for user <USER> by uid= <NUM>'],
    ['New session 12 of user anna.', 'New session <NUM> of user <USER>'],
    ['Disconnected from user anna 10.0.0.5 port 9', 'Disconnected from user <USER> <IP:private> port <PORT>'],
    ['check pass; user unknown', 'check pass user unknown'],
    ['Too many authentication failures for admin [preauth]', 'Too many authentication failures for <USER> preauth'],
    ['(root) CMD (run-parts /etc/cron.hourly)', '<USER> CMD run-parts <PATH:etc>'],
    [
      '10.0.0.5 - anna [04/Mar/2024:09:07:31 +0000] "GET /x HTTP/1.1" 200 5',
      '<IP:private> <NONE> <USER> <TS> <NUM> GET /x HTTP/1.1 200 <NUM>',
    ],
  ]);
});

describe('commands', () => {
  table([
    [
      'anna : TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/usr/bin/shred -uzn 3 /srv/x',
      '<USER> TTY= <PATH> PWD= <PATH:home> USER= root COMMAND= <PATH> shred -uzn <NUM> <PATH>',
    ],
    ['COMMAND=/tmp/shred', 'COMMAND= <PATH:tmp> shred'],
    ['COMMAND=/usr/bin/systemctl stop nginx', 'COMMAND= <PATH> systemctl stop nginx'],
    ['(anna) CMD (/usr/local/bin/backup --full /srv)', '<USER> CMD <PATH> backup --full <PATH>'],
    ['COMMAND=list', 'COMMAND= list'],
  ]);
});

describe('requests', () => {
  table([
    [
      '"GET /static/js/app.min.js HTTP/1.1" 304 0 "-" "curl/8.1"',
      'GET /static <PATH> .js HTTP/1.1 304 <NUM> <NONE> curl <AGENT>',
    ],
    ['"GET / HTTP/1.1" 200 5 "http://a/b" "Mozilla/5.0 (X11)"', 'GET / HTTP/1.1 200 <NUM> <URL> Mozilla <AGENT>'],
    [
      '"POST /wp-login.php?x=1\' HTTP/1.1" 500 - "-" "-"',
      'POST /wp-login .php <QUERY:odd> HTTP/1.1 500 <NONE> <NONE> <NONE>',
    ],
    ['"GET /admin/users/42 HTTP/1.1" 404 9', 'GET /admin <PATH> HTTP/1.1 404 <NUM>'],
    ['"GET /v2/7be01/servers HTTP/1.1" status: 200 len: 9', 'GET <PATH> HTTP/1.1 status <NUM> len <NUM>'],
    ['GET /api/users 200', 'GET /api <PATH> <NUM>'],
    ['"\\x16\\x03" 400 0', 'x16 x03 <NUM> <NUM>'],
    ['we GET nothing', 'we GET nothing'],
    ['"GET http://x/y HTTP/1.0" 200 1', 'GET <URL> HTTP/1.0 200 <NUM>'],
  ]);

  it('keeps an unusual first segment out of the words when it is one of many', () => {
    expect(masked('"GET /a1b2c3/x.php HTTP/1.1" 404 1')).toBe('GET <PATH> .php HTTP/1.1 404 <NUM>');
  });
});

describe('text that is written like a placeholder', () => {
  table([
    ['<IP> <NUM> <*> <SEP>', 'IP NUM SEP'],
    ['<|endoftext|>', 'endoftext'],
  ]);
});

describe('JSON values', () => {
  it('takes escapes for separators and doubled backslashes for paths', () => {
    const raw = '{"Message":"Created.\\r\\n\\tImage:\\tC:\\\\Windows\\\\run.exe\\r\\nUser: x"}';
    const start = raw.indexOf('Created');
    const tokens = [...tokenize(raw, { start, end: raw.length - 2 })];
    const texts = tokens.map((token) => raw.slice(token.start, token.end));
    expect(texts).toEqual(['Created', 'Image', 'C:\\\\Windows\\\\run.exe', 'User', 'x']);
  });
});

describe('limits', () => {
  it('puts all behind 128 tokens into one tail', () => {
    const message = Array.from({ length: 500 }, (_, index) => `word${'abc'[index % 3]}`).join(' ');
    const tokens = [...tokenize(message, { start: 0, end: message.length })];
    expect(tokens.length).toBeLessThanOrEqual(128);
    expect(kindName(tokens.at(-1)?.kind ?? 0)).toBe('<TAIL>');
    expect(tokens.at(-1)?.end).toBe(message.length);
  });

  it('puts all behind 16,384 characters into one tail', () => {
    const message = `${'x'.repeat(100)} ${' '.repeat(20_000)}end`;
    expect(masked(message)).toBe(`${'x'.repeat(100)} <TAIL>`);
  });

  it('does not take a very long word for one', () => {
    expect(masked(`a ${'é'.repeat(300)} b`)).toBe('a <LONG> b');
    expect(masked(`a ${'=x'.repeat(3000)} b`)).toBe('a <LONG> b');
  });
});
