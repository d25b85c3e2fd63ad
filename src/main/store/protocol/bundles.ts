/** @file What is asked of the store for cases that leave as a bundle, and for those that came as one. */
import type { Actor } from './workspace.ts';
import type { CaseRecord } from './cases.ts';
import type { AlertRow } from '../../../shared/alerts.ts';
import type {
  AuditChain,
  BundleAuditEntry,
  BundleCase,
  BundleFacts,
  BundleOrigin,
  ChainEntry,
} from '../../../shared/bundle.ts';

/** As JSON: what a bundle says of an alert is kept as it came. `spareId` where its own is taken here. */
export type StagedAlert = { id: string; spareId: string; row: AlertRow; content: string };

export type BundleMethods = {
  /** What a bundle has of a case beside what is shown of it. Hashes are hex. */
  read_case_whole: {
    input: { caseId: string };
    output: {
      refusedAlerts: string[];
      /** Of this workspace. */
      audit: ChainEntry[];
      came: { origin: BundleOrigin; facts: BundleFacts; chains: AuditChain[] }[];
    };
  };
  /** Entries that came with the case, bundle by bundle. `bundle` counts `came` of `read_case_whole`. */
  read_bundled_audit: { input: { caseId: string }; output: { bundle: number; entry: BundleAuditEntry }[] };
  /** Alerts that came with the case, in order, as JSON of a `BundleAlert`: at least one, at most `limit`, fewer where they are large. `bundle` counts `came`. */
  read_bundled_alerts: {
    input: { caseId: string; after: number; limit: number };
    output: { number: number; id: string; bundle: number; content: string }[];
  };
  /** Null: no alert of that id came with a bundle. */
  get_bundled_alert: {
    input: { alertId: string };
    output: { content: string; caseId: string; bundle: number } | null;
  };
  /** Null: there is no case of that id. */
  find_case: { input: { caseId: string }; output: CaseRecord | null };
  begin_bundle: { input: { origin: BundleOrigin; facts: BundleFacts; chains: AuditChain[] }; output: number };
  stage_alerts: { input: { bundle: number; alerts: StagedAlert[] }; output: undefined };
  stage_audit: { input: { bundle: number; entries: BundleAuditEntry[] }; output: undefined };
  /** All or nothing. Throws CONFLICT where the case is here already. `spare`: ids that are taken get one of it. */
  finish_bundle: {
    input: { bundle: number; content: Omit<BundleCase, 'facts'>; spare: string; templatesKey: string; actor: Actor };
    output: CaseRecord;
  };
  /** What was begun and not finished goes; null: all of that. */
  discard_bundles: { input: { bundle: number | null }; output: undefined };
  /** Throws NOT_FOUND. The content stays; nobody may need it any more. */
  remove_attachment: {
    input: { caseId: string; attachmentId: string; actor: Actor };
    output: { name: string; sha256: string };
  };
  /** Those of the hashes that an attachment has. */
  known_contents: { input: { hashes: string[] }; output: string[] };
};
