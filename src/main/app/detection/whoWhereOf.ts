/** @file What is unusual about who one event is of, from where, on which host and when: asked of what the detector learned. */
import { emptyValues } from '../../../shared/eventValues.ts';
import { WhoWhereTable, type UnusualPlace, type WhoWhereState } from '../../detect/detectors/whoWhere.ts';
import type { EventRecord } from '../../store/protocol/events.ts';
import { LineValueReader } from '../../text/lineValues.ts';
import { tokenize } from '../../text/mask.ts';
import { parserOf } from '../presenter.ts';
import type { Learned } from './detectorSet.ts';

export type AskWhoWhere = (event: EventRecord) => UnusualPlace | null;

/** `keyedHash`: of the workspace. A model without the detector says nothing. */
export function whoWhereOf({ who_where: learned }: Learned, keyedHash: (text: string) => number): AskWhoWhere {
  if (learned === undefined) return () => null;
  const table = new WhoWhereTable(learned as WhoWhereState);
  return (event) => {
    const { id, raw, at, severity, templateIndex } = event;
    const parsed = parserOf(event)(raw);
    const { lineHash, user, network, host, outcome } = new LineValueReader(keyedHash).read(
      raw,
      parsed,
      tokenize(raw, parsed.message),
    );
    const page = {
      ...emptyValues(1),
      eventIds: Float64Array.of(id),
      at: Float64Array.of(at ?? Number.NaN),
      severities: Int8Array.of(severity),
      templateIndexes: Int32Array.of(templateIndex),
      sessionIds: new Float64Array(1),
    };
    page.lineHashes[0] = lineHash;
    page.users[0] = user;
    page.networks[0] = network;
    page.hosts[0] = host;
    page.outcomes[0] = outcome;
    return table.unusual(page, 0);
  };
}
