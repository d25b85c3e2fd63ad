/**
 * @file Who an alert is about, from its line: an address and the agent of its requests, a user and the host, or what else is left. Alerts keep a
 * keyed hash of it, and with it their fingerprint. Their lines are read for it once, and for what in them is strange.
 */
import { programOf } from '../text/entity.ts';
import type { UnusualPlace } from '../detect/detectors/whoWhere.ts';
import { fingerprintOf } from '../detect/fingerprint.ts';
import { placeTitleOf } from '../detect/reason.ts';
import type { EventRecord } from '../store/protocol/events.ts';
import type { NewAlert } from '../store/protocol/alerts.ts';
import { createKeyedHash } from '../text/keyedHash.ts';
import { tokenize } from '../text/mask.ts';
import { findWho } from '../text/who.ts';
import { groupKeyOf } from '../detect/groups.ts';
import type { KeyModel } from './keyModel.ts';
import { whoWhereOf } from './detection/whoWhereOf.ts';
import { parsedChars, parserOf } from './presenter.ts';
import type { Services } from './services.ts';
import { StrangeParts } from './strangeParts.ts';

const eventsAtOnce = 500;

/** What is read in the line of an alert. */
type Read = {
  actor: string;
  format: EventRecord['format'];
  surpriseAt: number | undefined;
  place: UnusualPlace | null;
};

/**
 * Gives alerts of one source what their lines say: actor, fingerprint, where in the line the surprise begins, who or what was elsewhere. `prefixHashOf`: of a kind of
 * line, the program that writes it.
 */
export async function readAlertLines(
  services: Services,
  alerts: readonly NewAlert[],
  model: KeyModel,
  prefixHashOf?: (templateIndex: number) => number,
): Promise<void> {
  if (alerts.length === 0) return;
  const { store, opened } = services;
  const keyedHash = createKeyedHash(opened.hashKey);
  const prefixOf = prefixHashOf ?? (await prefixes(services, alerts));
  const strange = new StrangeParts(model, opened.hashKey);
  const newKinds = new Set(alerts.flatMap(({ eventId, reason }) => (reason === 'unseen' ? [eventId] : [])));
  const whoWhere = new Set(alerts.flatMap(({ eventId, reason }) => (reason === 'who_where' ? [eventId] : [])));
  const placeOf = whoWhereOf(model.learned, keyedHash);
  const found = new Map<number, Read>();
  const ids = [...new Set(alerts.map(({ eventId }) => eventId))];
  for (let start = 0; start < ids.length; start += eventsAtOnce) {
    const events = await store.call('get_events', {
      ids: ids.slice(start, start + eventsAtOnce),
      maxChars: parsedChars,
    });
    const parse = events[0] && parserOf(events[0]);
    for (const event of events) {
      const words = event.format === 'sequences' || !parse ? ['source', event.sourceId] : actorOf(event, parse);
      const actor = keyedHash(['actor', ...words].join('\u0000')).toString(16);
      const surpriseAt = event.format === 'sequences' ? undefined : strange.beginning(event, newKinds.has(event.id));
      const place = whoWhere.has(event.id) ? placeOf(event) : null;
      found.set(event.id, { actor, format: event.format, surpriseAt, place });
    }
  }
  for (const alert of alerts) {
    const { actor = '', format = 'plain', surpriseAt, place } = found.get(alert.eventId) ?? {};
    alert.profile.actor = actor;
    if (surpriseAt !== undefined) alert.evidence.surpriseAt = surpriseAt;
    if (place && alert.reason === 'who_where') alert.title = placeTitleOf(place, alert.eventCount);
    alert.fingerprint = fingerprintOf(keyedHash, groupKeyOf(format, prefixOf(alert.templateIndex)), alert.profile);
  }
}

/** Of events, who each is about, in words of its line: hostile text. */
export async function actorNames(
  services: Services,
  eventIds: readonly number[],
): Promise<(eventId: number) => string> {
  const names = new Map<number, string>();
  for (let start = 0; start < eventIds.length; start += eventsAtOnce) {
    const ids = eventIds.slice(start, start + eventsAtOnce);
    for (const event of await services.store.call('get_events', { ids, maxChars: parsedChars })) {
      const words = event.format === 'sequences' ? [] : actorOf(event, parserOf(event)).slice(1);
      const shown = words.filter((word) => typeof word === 'string' && word !== '' && word !== '-');
      names.set(event.id, shown.length > 0 ? shown.join(' · ') : event.sourceName);
    }
  }
  return (eventId) => names.get(eventId) ?? '';
}

async function prefixes(services: Services, alerts: readonly NewAlert[]): Promise<(templateIndex: number) => number> {
  const indexes = [...new Set(alerts.map(({ templateIndex }) => templateIndex))];
  const records = await services.store.call('get_templates', { indexes });
  const known = new Map(records.map(({ index, prefixHash }) => [index, prefixHash]));
  return (index) => known.get(index) ?? 0;
}

const longestAgent = 1000;

/** The last field in quotes: what a client of a web server calls itself. From its end, as the client wrote what stands there. */
export function agentOf(raw: string): string {
  const end = raw.trimEnd().length - 1;
  if (raw[end] !== '"') return '';
  for (let start = end - 1; start >= Math.max(0, end - 1 - longestAgent); start--) {
    if (raw[start] !== '"') continue;
    let escapes = 0;
    while (raw[start - 1 - escapes] === '\\') escapes++;
    if (escapes % 2 === 0) return raw.slice(start + 1, end);
    start -= escapes;
  }
  return '';
}

function actorOf(event: EventRecord, parse: ReturnType<typeof parserOf>): (string | number)[] {
  const { raw } = event;
  const parsed = parse(raw);
  const { user, address } = findWho(raw, parsed, tokenize(raw, parsed.message));
  const host = event.host ?? '';
  const isRequest = event.format === 'combined' || event.format === 'nginxError' || event.format === 'apacheError';
  if (isRequest && address) {
    const agent = event.format === 'combined' ? agentOf(raw) : '';
    return ['address', raw.slice(address.start, address.end), agent];
  }
  if (address) return ['address', raw.slice(address.start, address.end), ''];
  if (user) return ['user', raw.slice(user.start, user.end).toLowerCase(), host];
  if (parsed.process) return ['program', programOf(raw, parsed.process), host];
  return host === '' ? ['source', event.sourceId] : ['host', host];
}
