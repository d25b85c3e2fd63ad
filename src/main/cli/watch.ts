/** @file `surprisal watch`: follows files until it is told to stop, or until standard input ends; a JSON line for each alert as it is raised. */
import { basename } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { Status } from '../../shared/workspace.ts';
import type { App } from '../app/createApp.ts';
import { abandonImports } from '../app/importFile.ts';
import { toAlertRows } from '../app/presenter.ts';
import { watchOf, type WatchInput } from '../app/watch/watchOf.ts';
import type { Arguments } from './arguments.ts';
import type { Output } from './commands.ts';

const lookMs = 1000;
/** Looks from one progress to the next. */
const looksPerSaying = 5;
const count = new Intl.NumberFormat('en');

export async function watch(app: App, args: Arguments, output: Output): Promise<void> {
  const { services, watches, models, outputs } = app.parts;
  await outputs.open();
  await models.inUse(); // CONFLICT where there is none: nothing could be raised
  const inputs = await Promise.all(args.inputs().map((path) => inputOf(path, args.optional('pattern'))));
  // Its templates would be changed under it; the same command goes on with an import only where nothing else was read.
  await abandonImports(services);
  const printing = alertPrinter(app, output);
  const ended = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    watches.onOver = () => {
      if (inputs.every(({ kind }) => kind === 'input')) resolve();
    };
  });
  const followed = [];
  for (const input of inputs) followed.push(await watches.start(input));
  const sayings = new WatchSayings();
  const saying = setInterval(() => {
    for (const text of sayings.next(watches.status(), watches.failures()))
      process.stderr.write(`${text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')}\n`);
  }, lookMs);
  await ended;
  clearInterval(saying);
  for (const { id } of followed) await watches.set(id, 'stopped');
  await printing();
  await outputs.settled();
  process.stderr.write('Stopped. The same command goes on where it stopped.\n');
}

async function inputOf(path: string, pattern: string | undefined): Promise<WatchInput> {
  if (path === '-') return { kind: 'input', path: '-', pattern: '', format: null };
  return watchOf({ path, name: basename(path), isTemporary: false }, null, pattern);
}

/** Prints alerts in the order they were raised; the function it gives resolves when all are printed. Folded ones are alike a decided one. */
function alertPrinter(app: App, output: Output): () => Promise<void> {
  const { services, texts, watches } = app.parts;
  const told = new Set<string>();
  let last: Promise<void> = Promise.resolve();
  const print = async (alertId: string): Promise<void> => {
    const { row } = await services.store.call('get_alert', { alertId, now: services.host.now() });
    for (const shown of await toAlertRows([row], texts)) output(shown);
  };
  watches.onScored = ({ alerts }) => {
    for (const { alertId, isShown, isFolded } of alerts) {
      if (!isShown || isFolded || told.has(alertId)) continue;
      told.add(alertId);
      // Gone before it was told of: a finding that grew together with another.
      last = last
        .then(() => print(alertId))
        .catch((error: unknown) => {
          if (!(error instanceof AppError) || error.code !== 'NOT_FOUND') throw error;
        });
      last.catch(() => undefined); // heard where it is waited for
    }
  };
  return () => last;
}

/** What is said of how it goes: what fails once, when it begins and when it is over; else how far it is, now and then, where that is another. */
export class WatchSayings {
  #failures: readonly string[] = [];
  #progress = '';
  #looks = 0;

  next(live: Status['live'], failures: readonly string[]): string[] {
    const begun = failures.filter((one) => !this.#failures.includes(one));
    const over = this.#failures.filter((one) => !failures.includes(one));
    this.#failures = failures;
    const said = [
      ...begun.map((one) => `${one} Watching goes on, and tries it again.`),
      ...over.map((one) => `No longer so: ${one}`),
    ];
    // What follows stands beside what was said before that.
    if (said.length > 0) this.#progress = '';
    this.#looks++;
    if (failures.length > 0 && failures.includes(live?.trouble ?? '')) return said;
    const text = progressText(live);
    if (text === this.#progress || this.#looks % looksPerSaying !== 0) return said;
    this.#progress = text;
    return [...said, text];
  }
}

function progressText(live: Status['live']): string {
  if (!live) return 'Nothing is followed.';
  if (live.trouble !== null) return live.trouble;
  const what = live.name ?? `${count.format(live.sourceCount)} logs`;
  const waiting = live.waiting > 0 ? `, ${count.format(live.waiting)} not there or not readable` : '';
  const lag =
    live.lagBytes === 0
      ? 'up to date'
      : `${count.format(Math.ceil(live.lagBytes / 1024))} KB, ${Math.ceil(live.lagMs / 1000)} s behind`;
  return `${what}: ${count.format(live.linesPerSecond)} lines/s, ${lag}${waiting}`;
}
