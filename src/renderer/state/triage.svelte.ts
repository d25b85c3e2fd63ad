/** @file What is done to alerts besides verdicts: owners and mutes; and the lists that were given a name. */
import type { GroupField, SavedView } from '../../shared/alertLists.ts';
import type { AlertSelection, Mute } from '../../shared/actions.ts';
import { plural } from '../lib/words.ts';
import type { Transport } from '../transport/transport.ts';
import type { QueueState } from './queue.svelte.ts';
import { Remote } from './remote.svelte.ts';
import type { VerdictState } from './verdicts.svelte.ts';

export type MuteDraft = { filter: string; reason: string; expiresAt: number | null };

export class TriageState {
  readonly mutes: Remote<Mute[]>;
  readonly views: Remote<SavedView[]>;
  readonly #transport: Transport;
  readonly #queue: QueueState;
  readonly #verdicts: VerdictState;

  constructor(transport: Transport, queue: QueueState, verdicts: VerdictState) {
    this.#transport = transport;
    this.#queue = queue;
    this.#verdicts = verdicts;
    this.mutes = new Remote(() => transport.request('mutes.list', {}));
    this.views = new Remote(() => transport.request('views.list', {}));
  }

  /** What is chosen now; null: nobody's. */
  assign(owner: string | null): Promise<void> {
    const { targets } = this.#queue;
    const selection = targets.selection();
    return selection ? this.assignThese(selection, targets.count, owner) : Promise.resolve();
  }

  assignThese(selection: AlertSelection, amount: number, owner: string | null): Promise<void> {
    return this.#verdicts.act(`Assigning ${plural(amount, 'alert')}`, async () => {
      const { alertCount } = await this.#transport.request('alerts.assign', { selection, owner });
      const alerts = plural(alertCount, 'alert');
      return owner === null ? `${alerts} given back to nobody.` : `${alerts} assigned to ${owner}.`;
    });
  }

  mute(draft: MuteDraft): Promise<void> {
    return this.#verdicts.act('Muting', async () => {
      const { mute, alertCount } = await this.#transport.request('mutes.add', { ...draft, zone: this.#queue.zone() });
      await this.mutes.load();
      return `U-${mute.number} hides ${plural(alertCount, 'alert')}.`;
    });
  }

  lift(mute: Mute): Promise<void> {
    return this.#verdicts.act('Lifting the mute', async () => {
      const { alertCount } = await this.#transport.request('mutes.lift', { muteId: mute.id });
      await this.mutes.load();
      return `U-${mute.number} lifted: ${plural(alertCount, 'alert')} open again.`;
    });
  }

  /** The list in view under a name; one of this name is replaced. */
  async saveView(name: string): Promise<void> {
    const { tab, filter, order, group } = this.#queue.view;
    const others = (this.views.value ?? []).filter((view) => view.name !== name);
    const id = `${Date.now()}-${others.length}`;
    await this.#saveViews([...others, { id, name, tab, filter, order, group }]);
  }

  async removeView(view: SavedView): Promise<void> {
    await this.#saveViews((this.views.value ?? []).filter(({ id }) => id !== view.id));
  }

  isShown({ tab, filter, group }: SavedView): boolean {
    const shown = this.#queue.view;
    return shown.tab === tab && shown.filter === filter && shown.group === group;
  }

  show({ tab, filter, order, group }: SavedView): Promise<void> {
    return this.#queue.setView({ tab, filter, order, group });
  }

  setGroup(group: GroupField | null): Promise<void> {
    return this.#queue.setView({ group });
  }

  async #saveViews(views: SavedView[]): Promise<void> {
    this.views.put(await this.#transport.request('views.save', { views }));
  }
}
