/** @file Tokens of the local API: made at random, shown once, kept as hashes; which one a request came with, found without a hint in the time it takes. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { ApiToken, NewApiToken } from '../../../shared/api.ts';
import { AppError } from '../../../shared/errors.ts';
import type { ApiTokenRecord } from '../../store/protocol/follows.ts';
import type { Services } from '../services.ts';

/** Tells what it is to whoever finds one in a file. */
const prefix = 'surprisal_';
const tokenBytes = 32;
/** Every request is compared with all of them. */
const mostInForce = 100;

type Live = Pick<ApiTokenRecord, 'id' | 'name' | 'hash'>;

export class ApiTokens {
  readonly #services: Services;
  #inForce: readonly Live[] = [];
  /** Of the app itself, while it asks its own API. */
  #passing: Live | null = null;

  constructor(services: Services) {
    this.#services = services;
  }

  async open(): Promise<void> {
    const records = await this.#services.store.call('list_api_tokens', undefined);
    this.#inForce = records.filter(({ revokedAt }) => revokedAt === null);
  }

  clientOf(token: string): { id: string; name: string } | null {
    const given = hashOf(token);
    let found: Live | null = null;
    for (const live of this.#passing ? [...this.#inForce, this.#passing] : this.#inForce)
      if (timingSafeEqual(live.hash, given)) found = live;
    return found && { id: found.id, name: found.name };
  }

  async list(): Promise<ApiToken[]> {
    const records = await this.#services.store.call('list_api_tokens', undefined);
    return records.map(({ hash: _hash, ...token }) => token);
  }

  /** Throws CONFLICT where one of that name is in force, or too many are. */
  async create(name: string): Promise<NewApiToken> {
    const { store, host } = this.#services;
    if (this.#inForce.length >= mostInForce)
      throw new AppError('CONFLICT', `${mostInForce} tokens are in force. Revoke one that is not used first.`);
    const actor = await this.#services.actor();
    const token = this.#random();
    const id = host.newId();
    await store.call('add_api_token', { id, name, hash: hashOf(token), actor });
    await this.open();
    return { id, name, madeAt: actor.at, revokedAt: null, token };
  }

  async revoke(id: string): Promise<void> {
    await this.#services.store.call('revoke_api_token', { id, actor: await this.#services.actor() });
    await this.open();
  }

  /** A token that is good until this is done, and kept nowhere. */
  async passing<T>(use: (token: string) => Promise<T>): Promise<T> {
    const token = this.#random();
    this.#passing = { id: 'test', name: 'test', hash: hashOf(token) };
    try {
      return await use(token);
    } finally {
      this.#passing = null;
    }
  }

  #random(): string {
    return `${prefix}${Buffer.from(this.#services.host.randomBytes(tokenBytes)).toString('base64url')}`;
  }
}

function hashOf(token: string): Uint8Array {
  return hash('sha256', token, 'buffer');
}
