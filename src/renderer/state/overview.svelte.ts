/** @file The overview of the days asked for, in the zone that is shown. */
import type { Overview, OverviewDays } from '../../shared/overview.ts';
import type { Transport } from '../transport/transport.ts';
import { Remote } from './remote.svelte.ts';

export class OverviewState {
  days = $state<OverviewDays>(30);
  readonly report: Remote<Overview>;

  constructor(transport: Transport, zone: () => string) {
    this.report = new Remote(() => transport.request('overview.get', { zone: zone(), days: this.days }));
  }

  setDays(days: OverviewDays): Promise<void> {
    this.days = days;
    return this.report.load();
  }
}
