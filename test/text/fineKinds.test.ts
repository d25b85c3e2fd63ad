/** @file What the text model sees of a value: the classes that attacks change. Catches an attack's value that looks like a usual one. */
import { describe, expect, it } from 'vitest';
import { fineKindOf, fineKinds, fineName } from '../../src/main/text/fineKinds.ts';
import { tokenKinds } from '../../src/main/text/kinds.ts';
import { tokenize, wordKind } from '../../src/main/text/mask.ts';

/** Names of the placeholders of a message. */
function placeholders(message: string): string {
  return [...tokenize(message, { start: 0, end: message.length })]
    .flatMap(({ kind, start, end }) => (kind === wordKind ? [] : [fineName(kind, message, start, end)]))
    .join(' ');
}

function table(samples: readonly [message: string, expected: string][]): void {
  it.each(samples)('%s', (message, expected) => {
    expect(placeholders(message)).toBe(expected);
  });
}

describe('orders of magnitude', () => {
  table([
    ['uid=0 uid=7 uid=33', '<NUM:0> <NUM:1> <NUM:2>'],
    [
      'n 999 1000 10000 999999 1000000 1000000000 -5',
      '<NUM:3> <NUM:4> <NUM:6> <NUM:6> <NUM:9> <NUM:long> <NUM:negative>',
    ],
    // The same amounts, however they are written.
    ['1200 bytes, 1.2KB, 1.2 KiB', '<SIZE:4> <SIZE:4> <SIZE:4>'],
    ['3 GB (2.8 GiB) and 0 bytes', '<SIZE:long> <SIZE:0>'],
    ['5 ms, 5s, 2 minutes, 3 days', '<DURATION:1> <DURATION:4> <DURATION:6> <DURATION:9>'],
  ]);
});

describe('ports', () => {
  table([
    [
      '10.0.0.1:22 10.0.0.1:8080 10.0.0.1:51000',
      '<IP:private> <PORT:known> <IP:private> <PORT:registered> <IP:private> <PORT:ephemeral>',
    ],
    ['port 4444', '<PORT:registered>'],
    ['port 99999', '<PORT>'],
  ]);
});

describe('users', () => {
  table([
    ['user=root user=www-data user=anna', '<USER:root> <USER:service> <USER>'],
    ['for user Administrator', '<USER:root>'],
    ['for user CORP\\anna', '<USER>'],
    ['Invalid user a;id from 8.8.8.8', '<USER:odd> <IP>'],
    ['Invalid user pi from 8.8.8.8', '<USER> <IP>'],
    ['for user WEB1$', '<USER:service>'],
  ]);
});

describe('paths', () => {
  table([
    ['/srv/data/x /srv/.data/x /srv/./x', '<PATH> <PATH:hidden> <PATH>'],
    ['/tmp/a.sh /tmp/.x/a.sh /tmp/a.txt', '<PATH:tmp:program> <PATH:tmp:hidden> <PATH:tmp>'],
    ['/home/anna/.ssh/authorized_keys', '<PATH:home:hidden>'],
    ['/a/b/c/d/e/f/g', '<PATH:deep>'],
    ['C:\\Users\\anna\\AppData\\x.exe', '<PATH:program>'],
    ['/srv/app/../../etc/shadow ../lib/x ./run', '<PATH:odd> <PATH> <PATH>'],
  ]);
});

describe('requests', () => {
  table([
    ['"GET /a/b.php?id=1 HTTP/1.1" 200 5', '<PATH> <QUERY> <NUM:1>'],
    ['"GET /a/b.php?id=1\'-- HTTP/1.1" 200 5', '<PATH> <QUERY:odd> <NUM:1>'],
    ['"GET /a/b.php?id=1%27-- HTTP/1.1" 200 5', '<PATH> <QUERY:odd> <NUM:1>'],
    ['"GET /a/..%2f..%2fetc/passwd HTTP/1.1" 404 5', '<PATH:odd> <NUM:1>'],
    ['"GET /a/%2e%2e/etc/passwd HTTP/1.1" 404 5', '<PATH:odd> <NUM:1>'],
    ['"GET /a/../../etc/passwd HTTP/1.1" 404 5', '<PATH:odd> <NUM:1>'],
    ['"GET /a?to=%2Fhome%2Fb HTTP/1.1" 302 5', '<QUERY> <NUM:1>'],
    ['"GET /x?f=Sans:400|Mono&C=N;O=D HTTP/1.1" 200 5', '<QUERY> <NUM:1>'],
    ['"GET /a HTTP/1.1" 200 5 "-" "x ${jndi:ldap://h/a}"', '<NUM:1> <NONE> <AGENT:odd>'],
    ['"GET /a HTTP/1.1" 200 5 "http://h/?q=<script>" "x (y)"', '<NUM:1> <URL:odd> <AGENT>'],
  ]);
});

it('hosts: those inside by their names', () => {
  expect(placeholders('rhost=db1 rhost=db1.corp rhost=db1.example.com')).toBe('<HOST:private> <HOST:private> <HOST>');
});

it('every class has a number and a name of its own, and what has no classes keeps its kind', () => {
  expect(new Set(fineKinds.map(({ kind }) => kind)).size).toBe(fineKinds.length);
  expect(new Set(fineKinds.map(({ name }) => name)).size).toBe(fineKinds.length);
  expect(Math.max(...fineKinds.map(({ kind }) => kind))).toBeLessThan(256);
  expect(fineKindOf(tokenKinds.uuid, 'x', 0, 1)).toBe(tokenKinds.uuid);
});
