/** @file What the routes of the workspace itself do: whose it is, its status, what it computes with. */
import type { workspaceRoutes } from '../../../shared/routes/workspace.ts';
import type { Workspace } from '../../../shared/workspace.ts';
import type { AppParts } from '../createApp.ts';
import type { RouteHandlers } from '../router.ts';
import { readStatus } from '../status.ts';

export function workspaceHandlers(parts: AppParts): Pick<RouteHandlers, keyof typeof workspaceRoutes> {
  const { services, jobs, providers } = parts;
  const { store, host } = services;
  const workspace = async (): Promise<Workspace> => {
    const [totals, actor] = await Promise.all([store.call('totals', undefined), services.actor()]);
    return {
      id: services.opened.workspaceId,
      name: services.opened.name,
      directory: services.directory,
      analyst: actor.analyst,
      isEmpty: totals.sources === 0 && jobs.list().length === 0,
      appVersion: host.appVersion,
      hasFileDialog: host.chooseFiles !== undefined,
    };
  };
  return {
    'workspace.get': workspace,
    'workspace.set_analyst': async ({ name }) => {
      await store.call('set_setting', { key: 'analyst', value: name, actor: await services.actor() });
      return workspace();
    },
    'status.get': () => readStatus(parts),

    'engine.get': () => providers.report(),
    'engine.pin': async ({ provider }) => {
      await providers.pin(provider);
      return providers.report();
    },
    'engine.try': () => {
      void providers.try({ again: true });
      return providers.report();
    },
    'diagnostics.get': async () => ({
      fileName: 'surprisal-diagnostics.json',
      mediaType: 'application/json',
      text: await providers.diagnosticsText(),
    }),
  };
}
