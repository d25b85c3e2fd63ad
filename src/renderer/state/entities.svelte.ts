/** @file The entity in view, and the entities that open alerts are about. */
import type { EntityAlerts, EntityPage } from '../../shared/entities.ts';
import type { Entity } from '../../shared/lines.ts';
import type { Transport } from '../transport/transport.ts';
import type { ViewName } from '../views/views.ts';
import { messageOf } from './problems.ts';
import { Remote } from './remote.svelte.ts';

export class EntitiesState {
  /** Null: the list is in view. */
  wanted = $state.raw<Entity | null>(null);
  /** The view that its page was asked for in; null where that was this one. */
  cameFrom = $state.raw<ViewName | null>(null);
  page = $state.raw<EntityPage | null>(null);
  error = $state<string | null>(null);
  isLoading = $state(false);
  readonly list: Remote<EntityAlerts[]>;
  readonly #transport: Transport;
  readonly #zone: () => string;

  constructor(transport: Transport, zone: () => string) {
    this.#transport = transport;
    this.#zone = zone;
    this.list = new Remote(() => transport.request('entities.list', {}));
  }

  /** Shows the page of one. Of two asked for, the later is shown. */
  async show(entity: Entity): Promise<void> {
    const { kind, text } = entity;
    this.wanted = { kind, text };
    if (this.page?.entity.kind !== kind || this.page.entity.text !== text) this.page = null;
    await this.reload();
  }

  async reload(): Promise<void> {
    const entity = this.wanted;
    if (entity === null) return this.list.load();
    this.isLoading = true;
    try {
      const page = await this.#transport.request('entities.get', { ...entity, zone: this.#zone() });
      if (this.wanted !== entity) return;
      this.page = page;
      this.error = null;
    } catch (error) {
      if (this.wanted === entity) this.error = messageOf(error);
    } finally {
      if (this.wanted === entity) this.isLoading = false;
    }
  }

  leave(): void {
    this.wanted = null;
    this.cameFrom = null;
    this.page = null;
    this.error = null;
    void this.list.load();
  }
}
