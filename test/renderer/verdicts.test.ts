/** @file Verdicts typed fast, saved in order, refused by the host, undone: no key may be lost and none may hit another alert. */
import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../src/shared/errors.ts';
import { Notices } from '../../src/renderer/state/notices.svelte.ts';
import { QueueState } from '../../src/renderer/state/queue.svelte.ts';
import { VerdictState } from '../../src/renderer/state/verdicts.svelte.ts';
import { InOrder } from '../../src/renderer/state/inOrder.ts';
import { alertRow, FakeHost } from './helpers/fakeTransport.ts';

async function setUp(amount: number) {
  const host = new FakeHost(amount);
  const queue = new QueueState(host.transport);
  const notices = new Notices();
  const verdicts = new VerdictState(host.transport, queue, notices, { zone: 'UTC', now: 0 });
  await queue.load();
  return { host, queue, notices, verdicts };
}

describe('typing verdicts', () => {
  it('sends them one by one in the order of the keys, though the host is slow', async () => {
    const { host, notices, verdicts } = await setUp(20);
    let isBusy = false;
    host.beforeVerdict = async () => {
      expect(isBusy).toBe(false);
      isBusy = true;
      await Promise.resolve();
      await Promise.resolve();
      isBusy = false;
    };
    const values = ['true_positive', 'undetermined', 'benign_true_positive'] as const;
    const all = Array.from({ length: 10 }, (_, index) => verdicts.give(values[index % 3] ?? 'undetermined'));
    expect(verdicts.pending).toBe(10);
    // What the host cannot follow is not piled up: a window that is closed would lose it.
    await verdicts.give('undetermined');
    expect(notices.passing?.title).toBe('10 verdicts are still being saved. Nothing was decided.');
    await Promise.all(all);
    expect(host.given.map((one) => one.alertId)).toEqual(Array.from({ length: 10 }, (_, index) => `a${index + 1}`));
    expect(host.given.map((one) => one.value)).toEqual(Array.from({ length: 10 }, (_, index) => values[index % 3]));
    expect(verdicts.pending).toBe(0);
  });

  it('selects the next alert at once, and says that it is saved only after the host has', async () => {
    const { host, queue, notices, verdicts } = await setUp(3);
    let release = (): void => undefined;
    host.beforeVerdict = () => new Promise((resolve) => (release = resolve));
    const given = verdicts.give('true_positive');
    expect(queue.selectedId).toBe('a2');
    expect(queue.list.rows.map((row) => row.id)).toEqual(['a2', 'a3']);
    await Promise.resolve();
    expect(notices.passing).toBeNull();
    release();
    await given;
    expect(notices.passing?.title).toBe('True positive.');
  });

  it('does not let a page fetched meanwhile bring back an alert under decision', async () => {
    const { host, queue, verdicts } = await setUp(3);
    let release = (): void => undefined;
    host.beforeVerdict = () => new Promise((resolve) => (release = resolve));
    const given = verdicts.give('true_positive');
    await queue.refresh();
    expect(queue.list.rows.map((row) => row.id)).toEqual(['a2', 'a3']);
    expect(queue.arrivals.waiting).toBe(0);
    release();
    await given;
  });

  it('does not wait for the list before the next one is sent', async () => {
    const { host, verdicts } = await setUp(6);
    host.folds.set('a1', ['a6']);
    const list = host.transport.handlers['alerts.list'];
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    host.transport.handlers['alerts.list'] = async (input) => {
      await released;
      return list?.(input) as never;
    };
    const both = [verdicts.give('false_positive_logic'), verdicts.give('undetermined')];
    await vi.waitUntil(() => host.given.length === 2);
    release();
    await Promise.all(both);
    expect(host.given.map(({ alertId }) => alertId)).toEqual(['a1', 'a2']);
  });

  it('does nothing on an empty list', async () => {
    const { host, verdicts } = await setUp(0);
    await verdicts.give('true_positive');
    expect(host.given).toEqual([]);
  });

  it('keeps the note with the verdict it was written for', async () => {
    const { host, verdicts } = await setUp(3);
    verdicts.openNote();
    verdicts.note = ' in the change window ';
    await Promise.all([verdicts.give('benign_true_positive'), verdicts.give('undetermined')]);
    expect(host.given.map((one) => one.note)).toEqual(['in the change window', '']);
  });
});

describe('a window that closes', () => {
  it('hears how much is not saved, less with each answer, until nothing is; what is struck meanwhile counts', async () => {
    const { host, verdicts } = await setUp(5);
    const releases: (() => void)[] = [];
    host.beforeVerdict = () => new Promise((resolve) => releases.push(resolve));
    const all = [verdicts.give('true_positive'), verdicts.give('undetermined')];
    const heard: number[] = [];
    verdicts.watchUnsaved(({ waiting }) => heard.push(waiting));
    all.push(verdicts.give('undetermined'), verdicts.undo());
    for (let saved = 0; saved < 3; saved++) {
      await vi.waitUntil(() => releases.length > saved);
      releases[saved]?.();
    }
    await Promise.all(all);
    expect(heard).toEqual([2, 3, 2, 1, 0]);
    host.beforeVerdict = () => undefined;
    await verdicts.give('undetermined');
    expect(heard).toEqual([2, 3, 2, 1, 0]);
  });

  it('waits for a key that waits for its line, whichever way it ends', async () => {
    const { host, verdicts } = await setUp(3);
    verdicts.waitsForLine = true;
    const heard: number[] = [];
    const held = verdicts.give('true_positive');
    verdicts.watchUnsaved(({ waiting }) => heard.push(waiting));
    expect(heard).toEqual([1]);
    verdicts.lineShown('a1');
    await held;
    expect([host.given.length, heard]).toEqual([1, [1, 0]]);
    const refused = verdicts.give('true_positive');
    const again: number[] = [];
    verdicts.watchUnsaved(({ waiting }) => again.push(waiting));
    await verdicts.undo();
    await refused;
    expect(again).toEqual([1, 0]);
  });
});

describe('a key struck before the line in view is shown', () => {
  async function waiting(amount: number) {
    const parts = await setUp(amount);
    parts.verdicts.waitsForLine = true;
    return parts;
  }

  it('waits for it, and decides then; the next line is waited for anew', async () => {
    const { host, queue, verdicts } = await waiting(3);
    const given = verdicts.give('true_positive');
    await Promise.resolve();
    expect(queue.selectedId).toBe('a1');
    expect(host.given).toEqual([]);
    verdicts.lineShown('a1');
    await given;
    expect(host.given).toMatchObject([{ alertId: 'a1', value: 'true_positive' }]);
    void verdicts.give('undetermined');
    expect(queue.selectedId).toBe('a2');
    verdicts.lineShown('a2');
    expect(queue.selectedId).toBe('a3');
  });

  it('is the only one that waits: another is refused, said and counted', async () => {
    const { host, queue, notices, verdicts } = await waiting(3);
    const given = verdicts.give('true_positive');
    await verdicts.give('false_positive_logic');
    expect(notices.passing?.title).toBe('The line of A-1 was not shown yet. Nothing was decided.');
    expect(notices.passing?.text).toBe('');
    await verdicts.give('false_positive_logic');
    expect(notices.passing?.text).toBe('So it was with 2 keys in a row.');
    verdicts.lineShown('a1');
    await given;
    expect(host.given.map(({ alertId }) => alertId)).toEqual(['a1']);
    expect(queue.selectedId).toBe('a2');
  });

  it('decides nothing where the line does not come, the selection goes on, or undo takes it back; and says so', async () => {
    vi.useFakeTimers();
    try {
      const { host, queue, notices, verdicts } = await waiting(4);
      const late = verdicts.give('true_positive');
      vi.advanceTimersByTime(3000);
      await late;
      expect(notices.passing?.title).toBe('The line of A-1 was not shown in time. Nothing was decided.');
      const left = verdicts.give('true_positive');
      queue.select('a3');
      verdicts.lineShown('a3');
      await left;
      expect(notices.passing?.title).toBe('The line of A-1 was not shown in time. Nothing was decided.');
      queue.select('a2');
      const taken = verdicts.give('true_positive');
      await Promise.all([verdicts.undo(), taken]);
      expect(notices.passing?.title).toBe('The key for A-2 was taken back. Nothing was decided.');
      verdicts.lineShown('a2');
      expect(host.given).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not hold back a verdict on all that are chosen', async () => {
    const { host, queue, verdicts } = await waiting(3);
    queue.targets.ticks.flip('a2');
    queue.targets.ticks.flip('a3');
    await verdicts.give('undetermined');
    expect(host.given.map(({ alertId }) => alertId)).toEqual(['a2', 'a3']);
  });

  it('is meant for that one alert, whatever is ticked before its line is there (all that matched were decided)', async () => {
    const { host, queue, verdicts } = await waiting(5);
    const given = verdicts.give('false_positive_logic');
    queue.targets.tickAll();
    verdicts.lineShown('a1');
    await given;
    expect(host.given.map(({ alertId }) => alertId)).toEqual(['a1']);
  });
});

describe('a key while something that brings another alert into view is under way', () => {
  it('does not decide the alert in view when undo is about to bring back the one that is meant', async () => {
    const { host, queue, notices, verdicts } = await setUp(4);
    await verdicts.give('true_positive');
    const undone = verdicts.undo();
    await verdicts.give('benign_true_positive');
    expect(notices.passing?.title).toMatch(/not done yet\. Nothing was decided\.$/);
    await undone;
    expect(queue.selectedId).toBe('a1');
    await verdicts.give('benign_true_positive');
    expect(host.given.map(({ alertId, value }) => [alertId, value])).toEqual([['a1', 'benign_true_positive']]);
  });

  it('does not decide those that are ticked a second time', async () => {
    const { host, queue, verdicts } = await setUp(6);
    queue.targets.ticks.flip('a2');
    queue.targets.ticks.flip('a3');
    const many = verdicts.give('false_positive_logic');
    await verdicts.give('true_positive');
    await many;
    expect(host.given.map(({ alertId, value }) => [alertId, value])).toEqual([
      ['a2', 'false_positive_logic'],
      ['a3', 'false_positive_logic'],
    ]);
  });

  it('goes on when it failed, and so do the keys', async () => {
    const { host, verdicts } = await setUp(4);
    host.transport.handlers['actions.undo'] = () => Promise.reject(new Error('gone'));
    await verdicts.undo();
    await verdicts.give('true_positive');
    expect(host.given.map(({ alertId }) => alertId)).toEqual(['a1']);
  });
});

it('a note goes with no alert but the one it was begun on', async () => {
  const { host, queue, notices, verdicts } = await setUp(4);
  verdicts.openNote();
  verdicts.note = 'seen at the gate';
  queue.select('a3');
  await verdicts.give('true_positive');
  expect([host.given, notices.passing?.title]).toEqual([
    [],
    'The note was begun on A-1, which is not in view. Nothing was decided.',
  ]);
  queue.select('a1');
  await verdicts.give('true_positive');
  expect(host.given).toMatchObject([{ alertId: 'a1', note: 'seen at the gate' }]);
});

it('what goes wrong with one action does not stop those behind it', async () => {
  const inOrder = new InOrder();
  await expect(inOrder.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  let isDone = false;
  await inOrder.run(() => Promise.resolve().then(() => void (isDone = true)));
  expect([isDone, inOrder.left]).toEqual([true, 0]);
});

describe('a verdict that was not saved', () => {
  it('brings the alert back to its place, selected, with the reason', async () => {
    const { host, queue, notices, verdicts } = await setUp(5);
    queue.select('a3');
    host.beforeVerdict = () => {
      throw new AppError('STORE_FULL', 'The disk is full.');
    };
    await verdicts.give('true_positive');
    expect(queue.list.rows.map((row) => row.id)).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
    expect(queue.list.rowCount).toBe(5);
    expect(queue.selectedId).toBe('a3');
    expect(notices.problem?.title).toBe('This verdict was not saved: the disk is full.');
    expect(notices.problem?.text).toBe('A-3 is still open. Free some space and press 1 again.');
  });

  it('does not put it into another list, nor take the selection there', async () => {
    const { host, queue, verdicts } = await setUp(4);
    let fail = (): void => undefined;
    host.beforeVerdict = () => new Promise((_, reject) => (fail = () => reject(new Error('disk'))));
    host.alerts.push({ ...alertRow(9), state: 'folded' });
    const given = verdicts.give('true_positive');
    await queue.setView({ tab: 'folded' });
    fail();
    await given;
    expect([queue.list.rows.map(({ id }) => id), queue.selectedId]).toEqual([['a9'], 'a9']);
  });

  it('names the key that this machine has for it', async () => {
    const { host, notices, verdicts } = await setUp(2);
    verdicts.keyOf = () => 'F2';
    host.beforeVerdict = () => Promise.reject(new Error('The disk is full.'));
    await verdicts.give('true_positive');
    expect(notices.problem?.text).toMatch(/press F2 again\.$/);
  });

  it('does not give the key that was already on its way to the alert that came back', async () => {
    const { host, queue, notices, verdicts } = await setUp(5);
    host.beforeVerdict = (id) => {
      if (id === 'a1') throw new AppError('STORE_FULL', 'The disk is full.');
    };
    await verdicts.give('true_positive');
    expect(queue.selectedId).toBe('a1');
    await verdicts.give('false_positive_logic');
    expect(host.given).toEqual([]);
    expect(notices.passing?.title).toBe('The list moved under the key. Nothing was decided.');
    queue.forcedAt = Number.NEGATIVE_INFINITY;
    host.beforeVerdict = () => undefined;
    await verdicts.give('false_positive_logic');
    expect(host.given.map((one) => one.alertId)).toEqual(['a1']);
  });

  it('does not stop the verdicts behind it', async () => {
    const { host, queue, notices, verdicts } = await setUp(5);
    host.beforeVerdict = async (id) => {
      await Promise.resolve();
      if (id === 'a2') throw new AppError('STORE_FULL', 'The disk is full.');
    };
    await Promise.all([1, 2, 3].map(() => verdicts.give('undetermined')));
    expect(host.given.map((one) => one.alertId)).toEqual(['a1', 'a3']);
    expect(queue.list.rows.map((row) => row.id)).toEqual(['a2', 'a4', 'a5']);
    expect(queue.selectedId).toBe('a2');
    expect(notices.problem?.text).toContain('A-2 is still open');
  });

  it('does not claim to know what became of it where the host went away', async () => {
    const { host, queue, notices, verdicts } = await setUp(3);
    host.beforeVerdict = () => {
      throw new AppError('PROCESS_GONE', 'No answer.');
    };
    await verdicts.give('true_positive');
    expect(queue.selectedId).toBe('a1');
    expect(notices.problem?.title).toBe('This verdict may not be saved: the connection was lost.');
  });

  it('takes its notice back once the verdict has been saved', async () => {
    const { host, queue, notices, verdicts } = await setUp(3);
    host.beforeVerdict = () => {
      throw new AppError('STORE_FULL', 'The disk is full.');
    };
    await verdicts.give('true_positive');
    host.beforeVerdict = () => undefined;
    queue.forcedAt = Number.NEGATIVE_INFINITY;
    await verdicts.give('true_positive');
    expect(notices.problem).toBeNull();
  });
});

describe('folding and undoing', () => {
  it('takes folded alerts out of the list and keeps the hand on one that stays', async () => {
    const { host, queue, notices, verdicts } = await setUp(6);
    host.folds.set('a1', ['a2', 'a4']);
    await verdicts.give('false_positive_logic');
    expect(queue.list.rows.map((row) => row.id)).toEqual(['a3', 'a5', 'a6']);
    expect(queue.selectedId).toBe('a3');
    expect(notices.passing?.text).toBe('2 alike folded.');
  });

  it('says of severe alerts that stay why they do (a fold that seems broken)', async () => {
    const { host, notices, verdicts } = await setUp(6);
    host.folds.set('a1', ['a2']);
    host.holds.set('a1', 3);
    await verdicts.give('false_positive_logic');
    expect(notices.passing?.text).toBe('1 alike folded. 3 severe alike stay until a second verdict agrees.');
  });

  it('brings the alert and those folded with it back, selected, and lets no arrival in', async () => {
    const { host, queue, verdicts } = await setUp(6);
    host.folds.set('a1', ['a2', 'a4']);
    await verdicts.give('false_positive_logic');
    host.arrive(50, 2000);
    await verdicts.undo();
    expect(queue.list.rows.map((row) => row.id)).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6']);
    expect(queue.selectedId).toBe('a1');
    expect(queue.arrivals.waiting).toBe(1);
  });

  it('says what the threshold did in the notice of the verdict that moved it, undo and all', async () => {
    const { host, notices, verdicts } = await setUp(6);
    host.folds.set('a1', ['a2']);
    await verdicts.give('false_positive_logic');
    verdicts.thresholdChanged('Threshold v2: raised by 1 verdict.');
    expect(notices.passing?.text).toBe('1 alike folded. Threshold v2: raised by 1 verdict.');
    expect(notices.passing?.action?.label).toBe('Undo');
    notices.dismiss();
    verdicts.thresholdChanged('Threshold v3: lowered.');
    expect(notices.passing?.title).toBe('Threshold v3: lowered.');
  });

  it('undoes in one step what one key decided for many', async () => {
    const { host, queue, verdicts } = await setUp(6);
    for (const id of ['a2', 'a3', 'a5']) queue.targets.ticks.flip(id);
    await verdicts.give('benign_true_positive');
    expect(host.given.map((one) => one.alertId)).toEqual(['a2', 'a3', 'a5']);
    expect(queue.targets.ticks.ticked.size).toBe(0);
    await verdicts.undo();
    expect(host.given).toEqual([]);
    expect(queue.list.rows).toHaveLength(6);
  });

  it('waits for verdicts on their way before it undoes the last of them', async () => {
    const { host, queue, verdicts } = await setUp(4);
    await Promise.all([verdicts.give('undetermined'), verdicts.give('undetermined'), verdicts.undo()]);
    expect(host.given.map((one) => one.alertId)).toEqual(['a1']);
    expect(queue.selectedId).toBe('a2');
  });
});
