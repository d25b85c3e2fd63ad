/** @file Kills while a command writes a file: a report, or a made-up log. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { withoutAudit } from '../base.ts';
import type { Lane } from '../lane.ts';
import { killNow, sleep, spawnCommand } from '../victim.ts';

/** `comparable`: what is the same in two whole files of it. */
type Export = { words: string[]; files: string[]; comparable: (text: string) => string };

/**
 * Of a report: not when it was made and where the audit ended then, which its head and foot say, nor figures, which stored alerts move by that follow what
 * was taught. Its template leaves the audit out, which the export before is in. Null: it ends early.
 */
function reportOf(text: string): string {
  const [from, to] = [text.indexOf('</header>'), text.lastIndexOf('<footer>')];
  const isWhole = from >= 0 && to >= from && text.trimEnd().endsWith('</html>');
  return isWhole ? figuresOut(text.slice(from, to)) : `cut off: ${text}`;
}

const figuresOut = (text: string): string => text.replace(/\d[\d.,]*/g, '0');

export async function killExport(lane: Lane): Promise<string[]> {
  const { own: app, random, tally, base } = lane;
  await app.kill();
  const wrong: string[] = [];
  const folder = join(lane.folder, 'exports');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'file');
  const labels = `${path}.labels`;
  const report = (format: string): string[] =>
    [
      ['report', '--workspace', app.workspace, '--case', base.caseId],
      ['--format', format, '--template', withoutAudit.name, '--output', path],
    ].flat();
  const lab = ['lab', '--lines', '30000', '--seed', '3', '--output', path, '--labels', labels];
  const { words, files, comparable } = random.pick<Export>([
    { words: report('html'), files: [path], comparable: reportOf },
    { words: report('csv'), files: [path], comparable: figuresOut },
    { words: lab, files: [path, labels], comparable: (text) => text },
  ]);
  for (const file of files) {
    if (random.chance(0.5)) writeFileSync(file, 'before');
    else rmSync(file, { force: true });
  }
  const read = (file: string): string | null => (existsSync(file) ? readFileSync(file, 'utf8') : null);
  const before = files.map(read);
  const command = spawnCommand(words);
  const ended = once(command, 'close');
  // Most of its time it only starts: the moments worth most are those when something is there that is not whole.
  const writing = (): boolean => readdirSync(folder).some((name) => name.endsWith('.unfinished'));
  const untilMs = Date.now() + 20_000;
  while (!writing() && command.exitCode === null && Date.now() < untilMs) await sleep(1);
  await sleep(random.between(0, random.pick([1, 10, 200])));
  if (writing()) tally.hits.export++;
  await killNow(command);
  await ended;
  tally.kills.export++;
  const after = files.map(read);
  const again = spawnCommand(words);
  const [status] = (await once(again, 'close')) as [number];
  if (status !== 0) wrong.push(`the export after it ended with ${status}`);
  files.forEach((file, index) => {
    const left = after[index] ?? null;
    if (left === (before[index] ?? null)) return;
    const whole = comparable(read(file) ?? '').split('\n');
    const differs = comparable(left ?? '')
      .split('\n')
      .findIndex((line, at) => line !== whole[at]);
    if (differs === -1) return;
    writeFileSync(`${lane.folder}-left-${lane.count}`, left ?? '');
    wrong.push(
      `${words[0]} left a file of ${left?.length} characters that is neither old nor whole, at ${differs + 1}`,
    );
  });
  if (writing()) wrong.push(`exports are left: ${readdirSync(folder).join(', ')}`);
  return wrong;
}
