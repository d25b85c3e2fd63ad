/** @file Judging under what verdicts taught: the model as it is, with the judges of a version of its decisions. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Threshold } from '../../../shared/thresholds.ts';
import type { ScoreGraph } from '../../../shared/engineProtocol.ts';
import { decodeOwnRows, type OwnRows } from '../../detect/ownRows.ts';
import { reweighed, secondUnder } from '../../detect/reweigh.ts';
import type { Second } from '../../detect/second.ts';
import type { ModelRecord } from '../../store/protocol/models.ts';
import { ownRowsFile, scoreGraphOf, type KeyModel, type ModelCard } from '../keyModel.ts';
import { modelDirectory, type Services } from '../services.ts';
import { judgeBy, type VoteJudge } from './judge.ts';

export type TaughtVersion = Pick<Threshold, 'taught' | 'budgetScore'>;

/** The file that the adapting process reads; null for models of before it. */
export function ownRowsPath(services: Services, { id, card, files }: ModelRecord): string | null {
  const name = ownRowsFile(scoreGraphOf(card as ModelCard));
  return files.some((file) => file.name === name) ? join(modelDirectory(services, id), name) : null;
}

/** Rows that were read last, by their file: those of a model never change. A model has at most two, one of each graph. */
const read = new WeakMap<Services, Map<string, OwnRows>>();
const mostRead = 2;

export async function readOwnRows(services: Services, modelId: string, graph: ScoreGraph): Promise<OwnRows | null> {
  const path = join(modelDirectory(services, modelId), ownRowsFile(graph));
  const known = read.get(services) ?? new Map<string, OwnRows>();
  read.set(services, known);
  let rows = known.get(path);
  if (!rows) {
    const bytes = await readFile(path).catch(() => null);
    if (!bytes) return null;
    rows = decodeOwnRows(bytes);
  }
  // The newest last.
  known.delete(path);
  known.set(path, rows);
  for (const old of [...known.keys()].slice(0, -mostRead)) known.delete(old);
  return rows;
}

const lastSecond = new WeakMap<OwnRows, { judging: string; second: Second }>();

/** The second calibration of a version. What comes is judged by it, and what is stored: the last one is remembered. */
export function secondOf(rows: OwnRows, version: TaughtVersion): Second {
  const { taught, budgetScore } = version;
  if (!taught) return rows.second;
  const judging = judgingOf(version);
  const last = lastSecond.get(rows);
  if (last?.judging === judging) return last.second;
  const second = secondUnder(rows, taught, budgetScore);
  lastSecond.set(rows, { judging, second });
  return second;
}

/** What of a version holds for another model, too: who is believed. What joined the calibration had scores of this one. */
export function carriedOver({ taught = null, budgetScore }: TaughtVersion): TaughtVersion {
  return { taught: taught?.weights ? { ...taught, joined: null } : null, budgetScore };
}

/** Equal texts judge alike. */
export function judgingOf({ taught, budgetScore }: TaughtVersion): string {
  return taught ? JSON.stringify([taught, taught.joined ? budgetScore : null]) : '';
}

/** Remembers the last of each model, so that equal versions are one. */
export class TaughtJudges {
  readonly #services: Services;
  readonly #known = new Map<string, { base: KeyModel; judging: string; detection: KeyModel['detection'] }>();

  constructor(services: Services) {
    this.#services = services;
  }

  async under(base: KeyModel, version: TaughtVersion): Promise<KeyModel['detection']> {
    const judging = judgingOf(version);
    if (judging === '') return base.detection;
    const known = this.#known.get(base.id);
    if (known?.base === base && known.judging === judging) return known.detection;
    const [f32, int8] = await Promise.all([this.#judge(base, version, 'f32'), this.#judge(base, version, 'int8')]);
    const detection = { ...base.detection, judges: { f32, int8 } };
    this.#known.set(base.id, { base, judging, detection });
    return detection;
  }

  async #judge(base: KeyModel, { taught, budgetScore }: TaughtVersion, graph: ScoreGraph): Promise<VoteJudge> {
    const calibrations = base.calibrations[graph];
    // A model without an int8 calibration of its own has that of the other graph.
    const of = base.calibrations.int8 === base.calibrations.f32 ? 'f32' : graph;
    const rows = await readOwnRows(this.#services, base.id, of);
    if (!rows || !taught || !calibrations.fusion) return base.detection.judges[graph];
    const fusion = reweighed(calibrations.fusion, taught.weights, secondOf(rows, { taught, budgetScore }));
    return judgeBy({ ...calibrations, fusion }, base.card.keys, base.detection.set.ids);
  }
}
