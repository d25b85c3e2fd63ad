/**
 * @file Kinds of line that are another version of one that a model knows, as after an upgrade of what writes them: their order is judged as that
 * kind's, and that there is a new version is news once, where it comes, and not in every session that has it.
 */
import type { Client } from '../../../shared/port.ts';
import { Recency } from '../../detect/streams/recency.ts';
import { kindKey } from '../../learn/keyTable.ts';
import type { Vocabulary } from '../../learn/vocabulary.ts';
import type { StoreMethods } from '../../store/protocol.ts';
import type { TemplateRecord } from '../../store/protocol/sources.ts';
import { TemplateVersions } from '../../text/templateVersions.ts';

export class KindVersions {
  readonly #vocabulary: Vocabulary;
  readonly #versions: TemplateVersions;
  readonly #store: Client<StoreMethods> | null;
  /** Templates that were decided on, as they were when they were met first. */
  readonly #met = new Set<number>();

  /** `templates`: those of the vocabulary at least. `found`: the programs as calibration found them, and where other templates are read. */
  constructor(
    vocabulary: Vocabulary,
    templates: ReadonlyMap<number, TemplateRecord>,
    found?: { programs: readonly number[]; store: Client<StoreMethods> },
  ) {
    this.#vocabulary = vocabulary;
    this.#store = found?.store ?? null;
    for (const { templateIndex } of vocabulary.entries) this.#met.add(templateIndex);
    const known = [...this.#met].flatMap((index) => templates.get(index) ?? []);
    this.#versions = new TemplateVersions(known, found?.programs);
  }

  /** Prefixes of the programs whose lines can have versions. */
  get programs(): number[] {
    return this.#versions.programs;
  }

  /** Before events with them are judged. */
  meet(templates: Iterable<TemplateRecord>): void {
    for (const template of templates) {
      if (this.#met.has(template.index)) continue;
      this.#met.add(template.index);
      const known = this.#versions.versionOf(template);
      if (known !== null) this.#vocabulary.addVersion(template.index, known);
    }
  }

  /** The same by their indexes. */
  async read(templateIndexes: Iterable<number>, signal?: AbortSignal): Promise<void> {
    const unmet = new Set<number>();
    for (const index of templateIndexes) if (!this.#met.has(index)) unmet.add(index);
    if (unmet.size === 0 || !this.#store) return;
    this.meet(await this.#store.call('get_templates', { indexes: [...unmet] }, signal ? { signal } : {}));
  }
}

/** Which events of a log, in its order, say that there is a version of a kind. What did so lately is no news. */
export class VersionNews {
  readonly #vocabulary: Vocabulary;
  readonly #recency = new Recency<number>();
  #place = 0;

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** The kind (`kindKey`) as which detectors of new kinds judge the next event. */
  next(templateIndex: number, severity: number): number {
    const place = this.#place++;
    const own = kindKey(templateIndex, severity);
    const known = this.#vocabulary.knownKind(templateIndex, severity);
    return known === own || this.#recency.isNews(own, place) ? own : known;
  }
}
