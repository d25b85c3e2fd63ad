/** @file The workspace's own templates for kinds of case, and putting one to a case. */
import type { CaseTemplate } from '../../shared/caseKinds.ts';
import type { Services } from './services.ts';

/** Of the settings. */
export const caseTemplatesKey = 'caseTemplates';

export async function readCaseTemplates({ store }: Services): Promise<CaseTemplate[]> {
  return ((await store.call('get_setting', { key: caseTemplatesKey })) ?? []) as CaseTemplate[];
}

export async function applyTemplate(
  { store, host, actor }: Services,
  caseId: string,
  { tags, tasks, note }: Pick<CaseTemplate, 'tags' | 'tasks' | 'note'>,
): Promise<void> {
  await store.call('apply_template', {
    caseId,
    tags,
    tasks: tasks.map((title) => ({ taskId: host.newId(), title })),
    note: note.trim() === '' ? null : { noteId: host.newId(), text: note },
    actor: await actor(),
  });
}
