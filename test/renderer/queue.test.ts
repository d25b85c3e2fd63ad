/** @file The list under the hand: arrivals wait, pages follow, the selection stays. */
import { describe, expect, it } from 'vitest';
import { movedText } from '../../src/renderer/lib/thresholdWords.ts';
import type { AlertQuery } from '../../src/shared/alertLists.ts';
import { QueueState } from '../../src/renderer/state/queue.svelte.ts';
import { FakeHost } from './helpers/fakeTransport.ts';

async function setUp(amount: number) {
  const host = new FakeHost(amount);
  const queue = new QueueState(host.transport);
  await queue.load();
  return { host, queue };
}

describe('arrivals', () => {
  it('wait above the list and move neither rows nor selection', async () => {
    const { host, queue } = await setUp(5);
    queue.select('a3');
    const before = queue.list.rows.map((row) => row.id);
    host.arrive(90, 5000);
    host.arrive(91, 997.5);
    await queue.refresh();
    expect(queue.list.rows.map((row) => row.id)).toEqual(before);
    expect(queue.selectedId).toBe('a3');
    expect(queue.arrivals.waiting).toBe(2);
    expect(queue.list.rowCount).toBe(5);
  });

  it('come in at their place when asked for, and the selection stays on its alert', async () => {
    const { host, queue } = await setUp(5);
    queue.select('a3');
    host.arrive(90, 5000);
    host.arrive(91, 997.5);
    await queue.refresh();
    await queue.showArrivals();
    expect(queue.list.rows.map((row) => row.id)).toEqual(['a90', 'a1', 'a2', 'a91', 'a3', 'a4', 'a5']);
    expect(queue.selectedId).toBe('a3');
    expect(queue.selectedIndex).toBe(4);
    expect(queue.arrivals.waiting).toBe(0);
    expect([...queue.arrivals.letIn]).toEqual(['a90', 'a91']);
  });

  it('are simply shown where the list was empty', async () => {
    const { host, queue } = await setUp(0);
    host.arrive(1, 10);
    await queue.refresh();
    expect(queue.list.rows.map((row) => row.id)).toEqual(['a1']);
    expect(queue.arrivals.waiting).toBe(0);
    expect(queue.selectedId).toBe('a1');
  });

  it('are not confused with pages that were not loaded yet', async () => {
    const { host, queue } = await setUp(450);
    expect(queue.list.rows).toHaveLength(200);
    expect(queue.list.rowCount).toBe(450);
    host.arrive(900, 5000);
    await queue.refresh();
    expect(queue.list.rows).toHaveLength(200);
    expect(queue.list.rows[0]?.id).toBe('a1');
    expect(queue.arrivals.waiting).toBe(1);
    expect(queue.list.rowCount).toBe(450);
  });
});

describe('pages', () => {
  it('are loaded where the list is looked at, and nowhere else', async () => {
    const { queue } = await setUp(1200);
    expect(queue.list.rowCount).toBe(1200);
    await queue.reachedRows(810, 840);
    expect(queue.list.rowAt(815)?.id).toBe('a816');
    expect(queue.list.rowAt(500)).toBeUndefined();
    expect(queue.list.rows).toHaveLength(600);
  });

  it('hold the last of many, one request away', async () => {
    const { host, queue } = await setUp(5300);
    const before = host.transport.calls.length;
    await queue.moveToEnd();
    expect(queue.selectedId).toBe('a5300');
    expect(queue.selectedIndex).toBe(5299);
    expect(host.transport.calls.length - before).toBe(1);
  });

  it('are begun anew where most of the list has left: no key would find an alert while page after page was found empty', async () => {
    const { host, queue } = await setUp(5300);
    await queue.reachedRows(190, 220);
    queue.select('a196');
    host.alerts.splice(0, 5200);
    const before = host.transport.calls.length;
    await queue.refresh();
    expect(queue.selectedId).toBe('a5201');
    expect(performance.now() - queue.forcedAt).toBeLessThan(10_000);
    await expect.poll(() => queue.list.rowCount).toBe(100);
    expect(host.transport.calls.length - before).toBeLessThan(6);
  });

  it('stay exact while verdicts take rows out of them', async () => {
    const { host, queue } = await setUp(650);
    await queue.reachedRows(205, 215);
    queue.select('a206');
    host.alerts.splice(205, 1);
    queue.takeOut(['a206']);
    expect(queue.selectedId).toBe('a207');
    expect(queue.list.rowCount).toBe(649);
    await queue.refresh();
    expect(queue.list.rowAt(205)?.id).toBe('a207');
    await queue.moveTo(648);
    expect(queue.selectedId).toBe('a650');
  });
});

describe('the next alert', () => {
  it('is one that the verdict does not fold: a key struck at once must not meet a list that moves', async () => {
    const { host, queue } = await setUp(6);
    for (const index of [3, 4, 5]) host.alerts[index] = { ...host.alerts[index], signature: 'bb' } as never;
    await queue.load();
    queue.select('a1');
    queue.takeOut(['a1'], 'aa');
    expect(queue.selectedId).toBe('a4');
    queue.takeOut(['a4'], 'bb');
    // Where only alike ones follow, the next of them.
    expect(queue.selectedId).toBe('a5');
    queue.takeOut(['a5'], null);
    expect(queue.selectedId).toBe('a6');
  });
});

describe('verdicts struck faster than the list follows', () => {
  it('skip what is alike an alert whose verdict the list does not show yet, so that no row goes from under the next key', async () => {
    const { host, queue } = await setUp(6);
    // a1 and a3 alike, a2 and a4 alike.
    for (const [index, signature] of ['one', 'two', 'one', 'two', 'three', 'four'].entries())
      host.alerts[index] = { ...host.alerts[index], signature } as never;
    await queue.load();
    queue.takeOut(['a1'], 'one');
    expect(queue.selectedId).toBe('a2');
    queue.takeOut(['a2'], 'two');
    expect(queue.selectedId).toBe('a5');
    // Saved, and shown: what still is in the list stays there.
    queue.settle('a1', queue.counts);
    queue.settle('a2', queue.counts);
    host.alerts[0] = { ...host.alerts[0], state: 'decided' } as never;
    host.alerts[1] = { ...host.alerts[1], state: 'decided' } as never;
    await queue.refresh();
    queue.select('a3');
    queue.takeOut(['a3'], 'one');
    expect(queue.selectedId).toBe('a4');
  });

  it('ask for the list once, however many ask while it is on its way', async () => {
    const { host, queue } = await setUp(6);
    const before = host.transport.calls.length;
    await Promise.all(Array.from({ length: 20 }, () => queue.refresh()));
    const lists = host.transport.calls.slice(before).filter(({ route }) => route === 'alerts.list');
    expect(lists.length).toBeLessThanOrEqual(2);
  });
});

describe('a threshold that moved', () => {
  it('says how many alerts left the list, and counts it again at once', async () => {
    const { host, queue } = await setUp(450);
    expect(queue.list.total).toBe(450);
    for (const index of [440, 441, 442, 443]) host.alerts[index] = { ...host.alerts[index], state: 'repeat' } as never;
    await queue.thresholdMoved(-4);
    expect(movedText(queue.moved.amount)).toBe('4 alerts fell below the new threshold.');
    expect(queue.list.total).toBe(446);
    expect(queue.forcedAt).toBe(Number.NEGATIVE_INFINITY);
    expect(movedText(1)).toBe('1 alert came above the new threshold.');
    expect(movedText(0)).toBe('');
  });
});

describe('rows that rise above the place of the analyst by themselves', () => {
  it('are named, the highest first, until they were gone to (they were passed over unseen)', async () => {
    const { host, queue } = await setUp(6);
    queue.select('a4');
    for (const [at, score] of [
      [4, 5000],
      [5, 4000],
    ] as const)
      host.alerts[at] = { ...host.alerts[at], score } as never;
    await queue.refresh();
    expect([queue.selectedId, queue.risenIds]).toEqual(['a4', ['a5', 'a6']]);
    queue.moveToRisen();
    expect([queue.selectedId, queue.risenIds]).toEqual(['a5', []]);
    queue.select('a4');
    host.alerts.splice(4, 1);
    await queue.refresh();
    expect(queue.risenIds).toEqual(['a6']);
    await queue.load();
    expect(queue.risenIds).toEqual([]);
  });
});

describe('rows that the analyst goes past while the list is read again', () => {
  it('did not rise', async () => {
    const { queue } = await setUp(6);
    queue.select('a2');
    const refreshed = queue.refresh();
    queue.select('a5');
    await refreshed;
    expect(queue.risenIds).toEqual([]);
  });
});

describe('far down in a list', () => {
  it('the selection stays on its alert when arrivals are let in (it was thrown to the top)', async () => {
    const { host, queue } = await setUp(900);
    await queue.moveTo(640);
    expect(queue.selectedId).toBe('a641');
    host.arrive(2000, 5000);
    await queue.refresh();
    await queue.showArrivals();
    expect([queue.selectedId, queue.selectedIndex, queue.list.rowCount]).toEqual(['a641', 641, 901]);
    expect(queue.list.rowAt(0)?.id).toBe('a2000');
    expect([...queue.arrivals.letIn]).toEqual(['a2000']);
  });

  it('what took the place of a row that went is selected, and rows stay on screen meanwhile', async () => {
    const { host, queue } = await setUp(900);
    await queue.moveTo(640);
    host.alerts.splice(640, 1);
    const loaded = queue.loadFirst({ keepsPlace: true });
    await Promise.resolve();
    expect(queue.list.rowAt(640)?.id).toBe('a641');
    await loaded;
    expect([queue.selectedId, queue.selectedIndex]).toEqual(['a642', 640]);
  });

  it('another filter that does not have the alert begins at its top', async () => {
    const { host, queue } = await setUp(900);
    await queue.moveTo(640);
    host.alerts.splice(640, 1);
    await queue.setView({ filter: 'severity:high' });
    expect(queue.selectedId).toBe('a1');
  });
});

describe('pages that come late', () => {
  it('do not put back what a newer look at them took out', async () => {
    const { host, queue } = await setUp(450);
    const { handlers } = host.transport;
    const { 'alerts.list': list, 'alerts.summary': summary } = handlers;
    if (!list || !summary) throw new Error('The host lists alerts.');
    let answer = (): void => undefined;
    // A row goes between the list and what is said of it as a whole, so that its pages end elsewhere; the one in view comes late.
    handlers['alerts.summary'] = (input) => {
      handlers['alerts.summary'] = summary;
      host.alerts.splice(100, 1);
      handlers['alerts.list'] = (page) => {
        handlers['alerts.list'] = list;
        const found = list(page);
        return new Promise((resolve) => (answer = () => resolve(found)));
      };
      return summary(input);
    };
    const loaded = queue.load();
    await new Promise((resolve) => setTimeout(resolve, 0));
    host.alerts.splice(2, 1);
    await queue.refresh();
    expect(queue.list.indexOf('a3')).toBe(-1);
    answer();
    await loaded;
    expect(queue.list.indexOf('a3')).toBe(-1);
    expect(queue.list.indexOf('a4')).toBe(2);
  });
});

describe('a list of alerts in any state', () => {
  it('keeps the row of an alert that is decided, and goes on to the next', async () => {
    const { queue } = await setUp(4);
    queue.view.tab = 'all';
    queue.takeOut(['a1']);
    expect([queue.list.rows.map(({ id }) => id), queue.selectedId]).toEqual([['a1', 'a2', 'a3', 'a4'], 'a2']);
  });
});

it('a list with times in its filter is asked for again in another zone, any other is not', async () => {
  const { host, queue } = await setUp(3);
  const asked = (): string[] =>
    host.transport.calls.filter(({ route }) => route === 'alerts.list').map(({ input }) => (input as AlertQuery).zone);
  queue.zone = () => 'Asia/Tokyo';
  await queue.zoneChanged();
  expect(asked()).toEqual(['UTC']);
  await queue.setView({ filter: 'at>=2026-11-20T09:00' });
  await queue.zoneChanged();
  expect(asked()).toEqual(['UTC', 'Asia/Tokyo']);
  queue.zone = () => 'UTC';
  await queue.zoneChanged();
  expect(asked()).toEqual(['UTC', 'Asia/Tokyo', 'UTC']);
});

it('counts that are the same again are no change: what follows them would be asked for with each page', async () => {
  const { queue } = await setUp(3);
  const { counts } = queue;
  await queue.refresh();
  expect(queue.counts).toBe(counts);
});

describe('a list that is loaded after many were decided', () => {
  it('selects what took the place of the row that went (it began at the top again)', async () => {
    const { host, queue } = await setUp(6);
    queue.select('a4');
    host.alerts.splice(3, 1);
    await queue.loadFirst({ keepsPlace: true });
    expect(queue.selectedId).toBe('a5');
    host.alerts.splice(4, 1);
    queue.select('a6');
    host.alerts.splice(3, 1);
    await queue.loadFirst({ keepsPlace: true });
    expect(queue.selectedId).toBe('a3');
  });
});

describe('all that match', () => {
  it('are meant without being loaded, but for those that are ticked off and those that came since', async () => {
    const { host, queue } = await setUp(450);
    queue.targets.tickAll();
    queue.targets.ticks.flip('a3');
    expect(queue.targets.count).toBe(449);
    host.arrive(900, 5000);
    await queue.refresh();
    expect(queue.targets.selection()).toEqual({
      kind: 'query',
      query: { tab: 'open', filter: '', zone: 'UTC', asOf: 450 },
      except: ['a3'],
    });
  });
});

describe('moving', () => {
  it('stops at both ends', async () => {
    const { queue } = await setUp(3);
    await queue.move(-1);
    expect(queue.selectedId).toBe('a1');
    await queue.move(100);
    expect(queue.selectedId).toBe('a3');
  });

  it('extends the ticks over what it passes', async () => {
    const { queue } = await setUp(4);
    await queue.targets.extend(1);
    await queue.targets.extend(1);
    expect([...queue.targets.ticks.ticked]).toEqual(['a1', 'a2', 'a3']);
  });

  it('goes to the neighbour when another window decides the selected alert, and holds the keys for a moment', async () => {
    const { host, queue } = await setUp(4);
    queue.select('a2');
    host.alerts.splice(1, 1);
    await queue.refresh();
    expect(queue.selectedId).toBe('a3');
    expect(queue.forcedAt).toBeGreaterThan(0);
  });

  it('keeps the selection and its page when a row leaves by a key while the page is asked for again', async () => {
    const { queue } = await setUp(450);
    queue.select('a2');
    const refreshed = queue.refresh();
    await Promise.resolve();
    queue.takeOut(['a2']); // the request is on its way
    expect(queue.selectedIndex).toBeGreaterThanOrEqual(0);
    await refreshed;
    expect(queue.selectedId).toBe('a3');
    expect(queue.list.rowAt(0)?.id).toBe('a1');
    expect(queue.list.indexOf('a2')).toBe(-1);
    expect(queue.forcedAt).toBe(Number.NEGATIVE_INFINITY);
  });
});
