/** @file What main and its threads ask of the store thread, the only writer of the workspace database. Carried by `shared/port.ts`. */
import type { OutputMethods } from './outputs.ts';
import type { AlertMethods } from './protocol/alerts.ts';
import type { BundleMethods } from './protocol/bundles.ts';
import type { CaseMethods } from './protocol/cases.ts';
import type { ClassifierMethods } from './protocol/classifiers.ts';
import type { EventMethods } from './protocol/events.ts';
import type { FollowMethods } from './protocol/follows.ts';
import type { LearningMethods } from './protocol/learning.ts';
import type { ModelMethods } from './protocol/models.ts';
import type { PeriodMethods } from './protocol/periods.ts';
import type { SourceMethods } from './protocol/sources.ts';
import type { VerdictMethods } from './protocol/verdicts.ts';
import type { WorkspaceMethods } from './protocol/workspace.ts';

export type StoreMethods = WorkspaceMethods &
  SourceMethods &
  FollowMethods &
  EventMethods &
  AlertMethods &
  VerdictMethods &
  LearningMethods &
  ModelMethods &
  CaseMethods &
  PeriodMethods &
  BundleMethods &
  ClassifierMethods &
  OutputMethods;
