/** @file `surprisal token`: makes, lists and revokes tokens of the local API. A token is printed once and kept nowhere. */
import { AppError } from '../../shared/errors.ts';
import type { App } from '../app/createApp.ts';
import type { Arguments } from './arguments.ts';
import type { Output } from './commands.ts';

export async function createToken(app: App, args: Arguments, output: Output): Promise<void> {
  const { tokens } = app.parts.api;
  await tokens.open();
  const { id, name, token } = await tokens.create(args.tokenName());
  output({ id, name, token });
  process.stderr.write('It is shown this once. Give it as: Authorization: Bearer TOKEN\n');
}

export async function listTokens(app: App, output: Output): Promise<void> {
  const iso = (at: number): string => new Date(at).toISOString();
  for (const { id, name, madeAt, revokedAt } of await app.parts.api.tokens.list())
    output({ id, name, madeAt: iso(madeAt), revokedAt: revokedAt === null ? null : iso(revokedAt) });
}

export async function revokeToken(app: App, args: Arguments, output: Output): Promise<void> {
  const { tokens } = app.parts.api;
  const name = args.tokenName();
  const found = (await tokens.list()).find((token) => token.name === name && token.revokedAt === null);
  if (!found) throw new AppError('NOT_FOUND', `No token named ${name} is in force. token list says which are.`);
  await tokens.revoke(found.id);
  output({ id: found.id, name, revoked: true });
}
