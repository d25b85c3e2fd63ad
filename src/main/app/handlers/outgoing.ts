/** @file What the routes of what leaves the app do: the local API with its tokens, and outputs. */
import type { outgoingRoutes } from '../../../shared/routes/outgoing.ts';
import type { AppParts } from '../createApp.ts';
import type { RouteHandlers } from '../router.ts';

export function outgoingHandlers({ api, outputs }: AppParts): Pick<RouteHandlers, keyof typeof outgoingRoutes> {
  return {
    'api.get': () => api.state,
    'api.set': (settings) => api.set(settings),
    'api.test': () => api.test(),
    'api.tokens': () => api.tokens.list(),
    'api.create_token': ({ name }) => api.createToken(name),
    'api.revoke_token': async ({ tokenId }) => {
      await api.revokeToken(tokenId);
      return api.tokens.list();
    },

    'outputs.list': () => outputs.list(),
    'outputs.set': async ({ settings, secret }) => ({
      ...(await outputs.set(settings, secret)),
      outputs: await outputs.list(),
    }),
    'outputs.test': async ({ settings, secret }) => {
      await outputs.test(settings, secret);
      return null;
    },
  };
}
