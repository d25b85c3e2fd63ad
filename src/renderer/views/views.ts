/** @file The places of the app, in the order of the rail. A new one is a file in this folder and a line here: rail, keys, menu and palette follow. */
import type { Component } from 'svelte';
import Briefcase from '@lucide/svelte/icons/briefcase';
import Fingerprint from '@lucide/svelte/icons/fingerprint-pattern';
import FolderOpen from '@lucide/svelte/icons/folder-open';
import ClipboardList from '@lucide/svelte/icons/clipboard-list';
import Gauge from '@lucide/svelte/icons/gauge';
import Inbox from '@lucide/svelte/icons/inbox';
import Layers from '@lucide/svelte/icons/layers';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import Shapes from '@lucide/svelte/icons/shapes';
import Settings from '@lucide/svelte/icons/settings';
import TrendingUp from '@lucide/svelte/icons/trending-up';
import type { AppState } from '../state/app.svelte.ts';
import CasesView from './CasesView.svelte';
import ClassifiersView from './ClassifiersView.svelte';
import EntitiesView from './EntitiesView.svelte';
import HandoverView from './HandoverView.svelte';
import LearningView from './LearningView.svelte';
import LogsView from './LogsView.svelte';
import ModelsView from './ModelsView.svelte';
import OpenView from './OpenView.svelte';
import OverviewView from './OverviewView.svelte';
import QueueView from './QueueView.svelte';
import SettingsView from './SettingsView.svelte';

export type Place = {
  readonly name: string;
  readonly title: string;
  readonly icon: Component;
  readonly view: Component;
  readonly keys: readonly string[];
  /** `foot`: at the lower end of the rail. `none`: not in the rail, it belongs to the place named by `under`. */
  readonly rail?: 'foot' | 'none';
  readonly under?: string;
  /** How many things wait there; `isLoud`: for the analyst. */
  readonly badge?: (app: AppState) => number;
  readonly isLoud?: boolean;
};

const openAlerts = (app: AppState): number => app.queue.counts.open;
const openCases = (app: AppState): number => app.cases.openCount;

export const views = [
  { name: 'queue', title: 'Queue', icon: Inbox, view: QueueView, keys: ['G Q'], badge: openAlerts, isLoud: true },
  { name: 'logs', title: 'Logs', icon: ScrollText, view: LogsView, keys: ['G L'] },
  { name: 'entities', title: 'Entities', icon: Fingerprint, view: EntitiesView, keys: ['G E'] },
  { name: 'cases', title: 'Cases', icon: Briefcase, view: CasesView, keys: ['G C'], badge: openCases },
  { name: 'models', title: 'Models', icon: Layers, view: ModelsView, keys: ['G M'] },
  {
    name: 'classifiers',
    title: 'Classifiers',
    icon: Shapes,
    view: ClassifiersView,
    keys: ['G K'],
    rail: 'none',
    under: 'models',
  },
  { name: 'learning', title: 'Learning', icon: TrendingUp, view: LearningView, keys: ['G R'] },
  { name: 'overview', title: 'Overview', icon: Gauge, view: OverviewView, keys: ['G O'] },
  {
    name: 'handover',
    title: 'Hand-over and periodic report',
    icon: ClipboardList,
    view: HandoverView,
    keys: ['G H'],
    rail: 'none',
    under: 'overview',
  },
  { name: 'settings', title: 'Settings', icon: Settings, view: SettingsView, keys: ['Mod+,'], rail: 'foot' },
  { name: 'open', title: 'Files to open', icon: FolderOpen, view: OpenView, keys: [], rail: 'none', under: 'logs' },
] as const satisfies readonly Place[];

export type ViewName = (typeof views)[number]['name'];
