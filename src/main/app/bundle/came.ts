/** @file What came with a case as a bundle, for reports and for the next bundle: its alerts as they were explained there, its logs, its facts. */
import type {
  AuditChain,
  BundleAlert,
  BundleAuditEntry,
  BundleFacts,
  BundleOrigin,
  BundleSource,
} from '../../../shared/bundle.ts';
import type { Observable } from '../../../shared/observables.ts';
import type { Client } from '../../../shared/port.ts';
import type { StoreMethods } from '../../store/protocol.ts';

const perBatch = 64;

/** `sourceId` is one of `sources` of all that came. */
export type CameAlert = { alert: BundleAlert; source: BundleSource };

export class Came {
  readonly bundles: readonly { origin: BundleOrigin; facts: BundleFacts; chains: AuditChain[] }[];
  /** Under ids that no log of the workspace has that is in the case, too. */
  readonly sources: readonly BundleSource[];
  readonly #store: Client<StoreMethods>;
  readonly #caseId: string;
  readonly #sourceOf: readonly ReadonlyMap<number, BundleSource>[];

  private constructor(
    store: Client<StoreMethods>,
    caseId: string,
    bundles: Came['bundles'],
    sourceOf: readonly ReadonlyMap<number, BundleSource>[],
  ) {
    this.#store = store;
    this.#caseId = caseId;
    this.bundles = bundles;
    this.#sourceOf = sourceOf;
    this.sources = sourceOf.flatMap((sources) => [...sources.values()]);
  }

  static of(
    store: Client<StoreMethods>,
    caseId: string,
    bundles: Came['bundles'],
    ownSourceIds: Iterable<number>,
  ): Came {
    const taken = new Set(ownSourceIds);
    let free = -1;
    const sourceOf = bundles.map(({ facts }) => {
      const sources = new Map<number, BundleSource>();
      for (const source of facts.sources) {
        while (taken.has(free)) free--;
        const id = taken.has(source.id) ? free : source.id;
        taken.add(id);
        sources.set(source.id, { ...source, id });
      }
      return sources;
    });
    return new Came(store, caseId, bundles, sourceOf);
  }

  /** In the order they came, some at a time. */
  async *alerts(): AsyncGenerator<CameAlert[]> {
    if (this.bundles.length === 0) return;
    for (let after = 0; ;) {
      const rows = await this.#store.call('read_bundled_alerts', { caseId: this.#caseId, after, limit: perBatch });
      const last = rows.at(-1);
      if (!last) return;
      after = last.number;
      yield rows.flatMap(({ bundle, content }) => {
        // Bundles of before have no culprits.
        const alert: BundleAlert = { culprits: [], ...(JSON.parse(content) as Omit<BundleAlert, 'culprits'>) };
        const source = this.#sourceOf[bundle]?.get(alert.sourceId);
        return source ? [{ alert: { ...alert, sourceId: source.id }, source }] : [];
      });
    }
  }

  /** Entries name the chain among all that came. */
  async audit(): Promise<BundleAuditEntry[]> {
    if (this.bundles.length === 0) return [];
    const firsts: number[] = [];
    let first = 0;
    for (const { chains } of this.bundles) {
      firsts.push(first);
      first += chains.length;
    }
    const found = await this.#store.call('read_bundled_audit', { caseId: this.#caseId });
    return found.map(({ bundle, entry }) => ({ ...entry, chain: entry.chain + (firsts[bundle] ?? 0) }));
  }

  get chains(): AuditChain[] {
    return this.bundles.flatMap(({ chains }) => chains);
  }

  /** Where no log of this workspace has it, an observable stands elsewhere as it did where the case was worked on. */
  withSightings(observables: readonly Observable[]): Observable[] {
    const known = new Map(
      this.bundles.flatMap(({ facts }) => facts.observables.map((one) => [one.key, one.elsewhere])),
    );
    return observables.map((observable) => {
      const isSeenHere = (observable.elsewhere?.lineCount ?? 0) > 0;
      return isSeenHere ? observable : { ...observable, elsewhere: known.get(observable.key) ?? observable.elsewhere };
    });
  }
}
