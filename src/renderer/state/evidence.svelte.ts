/** @file How the model came to the alert in view: asked for only while it is looked at, one layer and head at a time. */
import type { ModelEvidence } from '../../shared/models.ts';
import type { Transport } from '../transport/transport.ts';
import { Remote } from './remote.svelte.ts';

export class EvidenceState {
  isOpen = $state(false);
  /** Null: the last layer; the mean over its heads. */
  layer = $state<number | null>(null);
  head = $state<number | null>(null);
  readonly shown: Remote<ModelEvidence & { alertId: string }>;

  constructor(transport: Transport, alertId: () => string | null) {
    this.shown = new Remote(async () => {
      const id = alertId() ?? '';
      const layer = this.layer === null ? {} : { layer: this.layer };
      return {
        ...(await transport.request('alerts.evidence', { alertId: id, ...layer, head: this.head })),
        alertId: id,
      };
    });
  }

  choose(layer: number, head: number | null): void {
    this.layer = layer;
    this.head = head;
    void this.shown.load();
  }
}
