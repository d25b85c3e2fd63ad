import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyedHash, hashHasDigit } from '../../src/main/text/keyedHash.ts';
import { tokenize } from '../../src/main/text/mask.ts';
import { overflowToken } from '../../src/shared/lines.ts';
import { TemplateMiner, type TemplateMinerOptions } from '../../src/main/text/templates.ts';
import { templateParts, templateText } from '../../src/main/text/templateText.ts';

const hashWord = createKeyedHash(Buffer.from('a key for tests'));

function newMiner(options: Partial<TemplateMinerOptions> = {}): TemplateMiner {
  return new TemplateMiner({ hashWord, ...options });
}

function tokensOf(message: string): ReturnType<typeof tokenize> {
  return tokenize(message, { start: 0, end: message.length });
}

function add(miner: TemplateMiner, message: string, prefix = 'app info'): number {
  return miner.add(prefix, message, tokensOf(message));
}

function shown(miner: TemplateMiner, index: number, message: string): string {
  return templateText(message, tokensOf(message), miner.clusters[index]?.tokens ?? []);
}

describe('templates', () => {
  it('are shared by lines that differ in values', () => {
    const miner = newMiner();
    const first = add(miner, 'Accepted password for anna from 10.0.0.5 port 51000 ssh2');
    const second = add(miner, 'Accepted password for karin from 10.9.9.9 port 22 ssh2');
    expect(second).toBe(first);
    expect(miner.clusters[first]?.count).toBe(2);
    expect(shown(miner, first, 'Accepted password for x from 10.0.0.1 port 1 ssh2')).toBe(
      'Accepted password for <USER> from <IP:private> port <PORT> ssh2',
    );
  });

  it('generalise where few words of many differ', () => {
    const miner = newMiner();
    const first = add(miner, 'the queue named alpha was drained by the worker');
    expect(add(miner, 'the queue named omega was drained by the worker')).toBe(first);
    expect(shown(miner, first, 'the queue named beta was drained by the worker')).toBe(
      'the queue named <*> was drained by the worker',
    );
  });

  it('tell lines apart by their words where these stand behind columns of values', () => {
    const miner = newMiner();
    const running = add(miner, '2579921 node-140 node status 1074216940 1 running');
    expect(add(miner, '2601401 node-184 node status 1074298390 1 running')).toBe(running);
    expect(add(miner, '2601402 node-184 action start 1074298390 1 halt now')).not.toBe(
      add(miner, '2575909 node-162 action start 1074178193 1 boot now'),
    );
  });

  it('take a value that is not there for one of any kind', () => {
    const miner = newMiner();
    const first = add(miner, 'connection from 218.69.108.57 () at Sun Jul 17 06:13:36 2005');
    expect(add(miner, 'connection from 8.8.8.8 (host.example.com) at Sun Jul 17 06:13:36 2005')).toBe(first);
    expect(add(miner, 'connection from 218.69.108.57 () at Sun Jul 17 06:13:36 2005')).toBe(first);
  });

  it('are never shared across prefixes', () => {
    const miner = newMiner();
    expect(add(miner, 'it went wrong', 'sshd info')).not.toBe(add(miner, 'it went wrong', 'cron info'));
  });

  it('find lines that are mostly parameters again, and do not multiply', () => {
    const miner = newMiner();
    for (let index = 0; index < 2000; index++) {
      add(miner, `stats ${index} ${index * 7} 0x${index.toString(16)}f ${index % 3 ? 'node7' : 'a1b2c3d4'} ${index}ms`);
    }
    expect(miner.clusters.length).toBeLessThanOrEqual(2);
  });

  it('keep addresses inside and outside apart', () => {
    const miner = newMiner();
    const inside = add(miner, 'Accepted publickey for anna from 10.0.0.5 port 51000 ssh2');
    const outside = add(miner, 'Accepted publickey for anna from 8.8.8.8 port 51000 ssh2');
    expect(outside).not.toBe(inside);
    expect(add(miner, 'Accepted publickey for anna from host.example.com port 51000 ssh2')).toBe(outside);
  });

  it('keep the program of a command, the method, first segment and status of a request', () => {
    const miner = newMiner();
    const sudo = (command: string): number =>
      add(miner, `anna : TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/usr/bin/${command}`);
    expect(sudo('shred /srv/a')).not.toBe(sudo('touch /srv/a'));
    expect(sudo('systemctl stop nginx')).not.toBe(sudo('systemctl start nginx'));
    const get = (path: string, status: number): number =>
      add(miner, `"GET ${path} HTTP/1.1" ${status} 512 "-" "Mozilla/5.0"`);
    const indexes = [
      get('/static/a.css', 200),
      get('/admin/a.css', 200),
      get('/static/a.css', 404),
      get('/static/a.php', 200),
    ];
    expect(new Set(indexes).size).toBe(4);
    expect(get('/static/deep/er/b.css', 200)).toBe(indexes[0]);
  });

  it('keep no text', () => {
    const miner = newMiner();
    add(miner, 'secretword was here 42');
    expect(JSON.stringify(miner.clusters)).not.toContain('secretword');
  });

  it('merge the finer kinds of path into paths', () => {
    const miner = newMiner();
    const first = add(miner, 'reading the file /etc/passwd now');
    expect(add(miner, 'reading the file /var/lib/x now')).toBe(first);
    expect(shown(miner, first, 'reading the file /opt/y now')).toBe('reading the file <PATH> now');
  });
});

it('lines of another prefix or other words found a template of their own', () => {
  const miner = newMiner();
  const index = add(miner, 'Connection closed by 10.0.0.1 port 7');
  const known = 'Connection closed by 10.0.0.2 port 8';
  expect(add(miner, known)).toBe(index);
  expect(add(miner, 'Server listening on 10.0.0.2 port 8')).not.toBe(index);
  expect(miner.add('other', known, tokensOf(known))).not.toBe(index);
  expect(miner.clusters[index]?.count).toBe(2);
});

describe('frozen templates', () => {
  it('gain lines but stay as they are', () => {
    const miner = newMiner();
    const index = add(miner, 'the queue named alpha was drained by the worker');
    const before = miner.clusters[index]?.contentHash;
    miner.freeze([index]);
    expect(add(miner, 'the queue named omega was drained by the worker')).toBe(index);
    expect(miner.clusters[index]).toMatchObject({ contentHash: before, count: 2, frozen: true });
    expect(miner.clusters[index]?.tokens).not.toContain(0);
    expect(add(miner, 'the queue named omega was filled by a client')).not.toBe(index);
  });
});

describe('takeChanged', () => {
  it('gives what is new, counted, generalised or frozen since the last call, each once', () => {
    const miner = newMiner();
    const first = add(miner, 'the queue named alpha was drained by the worker');
    const second = add(miner, 'nothing to do');
    add(miner, 'nothing to do');
    expect(miner.takeChanged().map(({ index }) => index)).toEqual([first, second]);
    expect(miner.takeChanged()).toEqual([]);
    add(miner, 'the queue named omega was drained by the worker');
    expect(miner.takeChanged().map(({ index }) => index)).toEqual([first]);
    miner.freeze([second, second]);
    expect(miner.takeChanged().map(({ index }) => index)).toEqual([second]);
  });

  it('comes with a content hash that changes exactly when the template generalises', () => {
    const miner = newMiner();
    const index = add(miner, 'the queue named alpha was drained by the worker');
    const first = miner.clusters[index]?.contentHash;
    add(miner, 'the queue named alpha was drained by the worker');
    expect(miner.clusters[index]?.contentHash).toBe(first);
    add(miner, 'the queue named omega was drained by the worker');
    expect(miner.clusters[index]?.contentHash).not.toBe(first);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('restore', () => {
  const vocabulary = [
    'alpha',
    'beta',
    'gamma',
    'delta',
    'epsilon',
    'node7',
    'node8',
    '12',
    '10.0.0.1',
    '8.8.8.8',
    '/etc/x',
    'blk_7',
    '0xff',
    'user=anna',
    '-',
    '12 ms',
    'port 22',
  ];
  const message = fc
    .array(fc.constantFrom(...vocabulary), { minLength: 0, maxLength: 8 })
    .map((parts) => parts.join(' '));

  it('continues exactly as the miner it was taken from', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 60 }), fc.array(message, { maxLength: 60 }), (before, after) => {
        // Few children, so that words share a child as well.
        const original = newMiner({ mostChildren: 2 });
        for (const line of before) add(original, line);
        const restored = newMiner({ mostChildren: 2 });
        restored.restore(structuredClone([...original.clusters]));
        for (const line of after) expect(add(restored, line)).toBe(add(original, line));
        expect(restored.clusters).toEqual(original.clusters);
      }),
      { numRuns: 300 },
    );
  });

  it('finds every line again that it has counted, whatever came between', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 60 }), (lines) => {
        const miner = newMiner();
        for (const line of lines) add(miner, line);
        const count = miner.clusters.length;
        // Without the cache in front: a new miner that knows the templates only.
        const fresh = newMiner();
        fresh.restore(miner.clusters);
        for (const line of lines) add(fresh, line);
        expect(fresh.clusters.length).toBe(count);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses gaps and a miner that is in use', () => {
    const miner = newMiner();
    add(miner, 'one');
    expect(() => miner.restore([])).toThrow(/empty miner/);
    expect(() => newMiner().restore([{ ...(miner.clusters[0] ?? expect.fail()), index: 4 }])).toThrow(/missing/);
  });
});

describe('a flood', () => {
  it('is bounded: beyond the limit new lines fall to one template per prefix and are counted', () => {
    const miner = newMiner({ mostClusters: 40 });
    const known = add(miner, 'a line that was here before', 'quiet');
    for (let index = 0; index < 3000; index++) {
      const letters = [...String(index)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
      add(miner, Array.from({ length: 1 + (index % 30) }, () => letters).join(' '), 'flood');
    }
    expect(miner.clusters.length).toBeLessThanOrEqual(41);
    expect(miner.overflowLines).toBeGreaterThan(1000);
    expect(add(miner, 'a line that was here before', 'quiet')).toBe(known);
    // One prefix may not take all the room.
    expect(add(miner, 'quite another line of another program', 'quiet')).not.toBe(known);
    expect(miner.clusters.filter(({ prefixHash }) => prefixHash === hashWord('flood')).length).toBeLessThanOrEqual(11);
  });

  it('of a hundred thousand kinds is bounded as it comes, and every line is counted somewhere', () => {
    const miner = newMiner();
    const lines = 100_000;
    for (let index = 0; index < lines; index++) {
      const word = [...String(index)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
      add(miner, `${word} began ${word} and ${'then '.repeat(index % 40)}ended`, `program ${index % 7}`);
    }
    expect(miner.clusters.length).toBeLessThanOrEqual(20_000 + 7);
    expect(miner.clusters.reduce((sum, { count }) => sum + count, 0)).toBe(lines);
    const overflows = miner.clusters.filter(({ tokens }) => tokens[0] === overflowToken);
    expect(overflows.reduce((sum, { count }) => sum + count, 0)).toBe(miner.overflowLines);
    expect(miner.overflowLines).toBeGreaterThan(0);
  });

  it('of lines of 1 MB is as bounded as any', () => {
    const miner = newMiner();
    const indexes = ['x', 'y', 'z'].map((letter) => add(miner, `${letter.repeat(1 << 20)} end`));
    indexes.push(...['x', 'y'].map((letter) => add(miner, `${letter} ${'word '.repeat(200_000)}`)));
    expect(miner.clusters.length).toBeLessThanOrEqual(3);
    expect(indexes[1]).toBe(indexes[0]);
  });

  it('of single words at one place is no overflow (lines said to be left out that are not)', () => {
    const miner = newMiner({ mostChildren: 2 });
    for (const word of ['one', 'two', 'three', 'four', 'five']) add(miner, word);
    expect(miner.overflowLines).toBe(0);
    const restored = newMiner({ mostChildren: 2 });
    restored.restore(miner.clusters);
    expect(add(restored, 'six')).toBe(add(miner, 'six'));
    expect(restored.overflowLines).toBe(0);
  });

  it('of prefixes is bounded as well', () => {
    const miner = newMiner({ mostClusters: 10 });
    for (let index = 0; index < 5000; index++) add(miner, 'hello there', `program ${index}`);
    expect(miner.clusters.length).toBeLessThanOrEqual(10 + 1001);
  });

  it('of names at one place becomes a wildcard', () => {
    const miner = newMiner({ mostChildren: 10 });
    for (let index = 0; index < 500; index++) {
      add(miner, `login ${[...String(index)].map((digit) => 'abcdefghij'[Number(digit)]).join('')}`);
    }
    expect(miner.clusters.length).toBeLessThanOrEqual(12);
  });
});

describe('keyed hashes', () => {
  it('are HMAC-SHA256, for texts and keys of any length', () => {
    for (const key of [Buffer.from('k'), Buffer.alloc(64, 7), Buffer.alloc(100, 9)]) {
      const hash = createKeyedHash(key);
      for (const text of ['', 'abc', 'é😀', 'x'.repeat(128), 'y'.repeat(129), 'z'.repeat(5000)]) {
        const digest = createHmac('sha256', key).update(Buffer.from(text, 'utf16le')).digest();
        const expected = digest.readBigUInt64BE(0) & 0x1f_ffff_ffff_ffffn & ~1n;
        expect(hash(text)).toBe(Number(expected));
      }
    }
  });

  it('depend on key and text, are positive safe integers, and tell of digits', () => {
    const other = createKeyedHash(Buffer.from('another key'));
    fc.assert(
      fc.property(fc.string(), (text) => {
        const hash = hashWord(text);
        expect(Number.isSafeInteger(hash) && hash > 0).toBe(true);
        expect(hashWord(text)).toBe(hash);
        expect(other(text)).not.toBe(hash);
        expect(hashHasDigit(hash)).toBe(/[0-9]/.test(text));
      }),
    );
  });

  it('do not take lone surrogates for each other', () => {
    expect(hashWord('\ud800')).not.toBe(hashWord('\ud801'));
  });

  it('stay the same when the cache has turned over', () => {
    const hash = createKeyedHash(Buffer.from('k'));
    const first = hash('first');
    for (let index = 0; index < 200_000; index++) hash(`filler ${index}`);
    expect(hash('first')).toBe(first);
  });
});

describe('display', () => {
  const raw = 'sshd: (root) CMD (run-parts /etc/x)';
  const message = { start: 6, end: raw.length };

  it('keeps the punctuation of the line, around the tokens too where the message is given', () => {
    const tokens = tokenize(raw, message);
    expect(templateText(raw, tokens, [], message)).toBe('(<USER>) CMD (run-parts <PATH:etc>)');
    expect(templateText(raw, tokens, [])).toBe('<USER>) CMD (run-parts <PATH:etc>');
  });

  it('tells placeholders from text that is written like one', () => {
    const line = 'sent <NUM> for 5';
    expect(templateParts(line, tokensOf(line), [])).toEqual([
      { kind: 'text', text: 'sent <NUM> for ' },
      { kind: 'placeholder', text: '<NUM>' },
    ]);
  });
});
