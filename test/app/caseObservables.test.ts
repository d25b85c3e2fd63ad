/** @file Observables of a finding of several lines. Catches an attacker's address that only an earlier line than the one shown has. */
import { expect, it } from 'vitest';
import { CaseObservables } from '../../src/main/app/caseObservables.ts';
import type { EventRecord } from '../../src/main/store/protocol/events.ts';

const event = (raw: string) =>
  ({ raw, format: 'syslog3164', assumption: { year: 2026, zone: 'UTC' } }) as unknown as EventRecord;

it('are those of every line that surprised, each alert named once', () => {
  const observables = new CaseObservables();
  const logout = event('Nov 20 13:58:41 build1 sshd[4]: Disconnected from user anna 10.8.0.21 port 36388');
  const login = event('Nov 20 13:50:41 build1 sshd[4]: Accepted publickey for anna from 203.0.113.12 port 36126 ssh2');
  observables.addLines({ number: 35, at: 5 }, [logout, login]);
  observables.addLines({ number: 36, at: 6 }, [logout]);
  const found = new Map(observables.listed().map(({ kind, text, alerts }) => [`${kind} ${text}`, alerts]));
  expect(found.get('address 203.0.113.12')).toEqual([35]);
  expect(found.get('user anna')).toEqual([35, 36]);
});
