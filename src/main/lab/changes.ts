/**
 * @file Honest changes of office life that nobody announced to the log: patch days, somebody who joins with habits of their own, a machine that
 * moves, a scan by the house's own scanner. Every line of them is labelled normal: what alerts on them is a false alarm that a verdict can teach.
 */
import { hourMs, minuteMs } from './day.ts';
import { hosts, movedHost, type Host, type Person } from './people.ts';
import { writeCronJob, writeRequest } from './routines.ts';
import { newLogin, writeSession } from './sessions.ts';
import type { World } from './world.ts';

/** Days since the changes began on which something happens once a week. */
const weekDays = 7;

/** What has changed in the office, on the day so many days after the changes began. */
export function planChanges(world: World, sinceDays: number, dayStart: number): void {
  if (sinceDays % weekDays === 1) planPatchDay(world, dayStart);
  planContractor(world, dayStart);
  if (sinceDays >= 2) planMovedHost(world, dayStart, sinceDays === 2);
  if (sinceDays % weekDays === 3) planScan(world, dayStart);
}

const patched = ['linux-image-generic', 'libc6', 'systemd', 'sudo', 'openssl', 'python3.12'];

/** All machines get a new kernel in the evening, one after the other, and start again. */
function planPatchDay(world: World, dayStart: number): void {
  const { random, diary } = world;
  hosts.forEach((host, index) => {
    const at = dayStart + 19 * hourMs + index * 12 * minuteMs + random.integer(0, 59) * 1000;
    const tag = `ansible-patch[${world.processId(host)}]`;
    const write = (afterMs: number, by: string, message: string): void =>
      diary.write(at + afterMs, 'patch-day', host, by, message);
    write(0, tag, 'Invoked with upgrade=dist update_cache=True autoremove=True');
    const names = patched.filter(() => random.chance(0.6));
    names.forEach((name, step) =>
      write(4000 + step * 2000, `dpkg[${world.processId(host)}]`, `upgraded ${name} to 6.${random.integer(2, 30)}.0`),
    );
    write(24_000, 'needrestart[811]', `Pending kernel upgrade, ${names.length} services use outdated libraries`);
    write(30_000, tag, 'Reboot initiated by ansible, timeout 600 seconds');
    write(31_000, 'systemd[1]', 'Reached target reboot.target - System Reboot.');
    write(58_000, 'kernel', `Linux version 6.8.0-${random.integer(31, 60)}-generic (buildd@lcy02)`);
    write(59_000, 'systemd[1]', 'Started sshd.service');
    write(61_000, tag, 'Reboot complete, host is reachable again');
  });
}

const contractor: Person = {
  name: 'rico',
  userId: 1480,
  role: 'developer',
  addresses: ['10.20.9.40', '10.20.9.41'],
  hosts: ['git1', 'build1', 'term1'],
  method: 'password',
};
const contractorCommands = [
  '/usr/bin/podman system prune',
  '/usr/bin/journalctl -u builder',
  '/usr/bin/make -C /srv/tools all',
];

/** Somebody from outside works here now: in the evenings, from a network of their own, with tools of their own. */
function planContractor(world: World, dayStart: number): void {
  const { random } = world;
  let at = dayStart + 18 * hourMs + random.between(0, 60) * minuteMs;
  for (let session = random.integer(2, 4); session > 0; session--) {
    const login = newLogin(world, contractor, random.pick(contractor.hosts), random.pick(contractor.addresses));
    const commands = contractorCommands.filter(() => random.chance(0.5));
    at = writeSession(world, login, at, commands, random.between(10, 40) * minuteMs) + random.between(2, 20) * minuteMs;
  }
}

/** The machine of the repositories is a new one: another name, a first copy, and from then on its own nightly jobs and logins. */
function planMovedHost(world: World, dayStart: number, isFirst: boolean): void {
  const { random, diary } = world;
  const host: Host = movedHost;
  if (isFirst) {
    const tag = `rsyncd[${world.processId(host)}]`;
    for (let part = 0; part < 30; part++) {
      const at = dayStart + 10 * hourMs + part * minuteMs;
      diary.write(at, 'migrated-host', host, tag, `receiving file list from git1 (10.20.0.31), module repo${part}`);
      diary.write(
        at + 20_000,
        'migrated-host',
        host,
        tag,
        `sent ${random.integer(90, 900)} bytes  received ${random.integer(9000, 90_000)} bytes  total size ${random.integer(100_000, 900_000)}`,
      );
    }
  }
  for (let hour = 0; hour < 24; hour += 4) {
    writeCronJob(
      world,
      dayStart + hour * hourMs + 41 * minuteMs,
      host,
      'root',
      '/usr/bin/git-maintenance run --schedule=hourly',
    );
  }
  for (let session = random.integer(3, 6); session > 0; session--) {
    const person = world.staff.withRole('developer');
    const at = dayStart + random.between(9, 17) * hourMs;
    if ((world.busyUntil.get(person.name) ?? 0) >= at) continue;
    const login = newLogin(world, person, host, person.addresses[0] ?? '');
    writeSession(world, login, at, [], random.between(4, 25) * minuteMs);
  }
}

const scanned = [
  '/.git/config',
  '/phpinfo.php',
  '/admin/login',
  '/server-status',
  '/wp-login.php',
  '/api/v1/users?id=1%27',
  '/cgi-bin/test.cgi',
];

/** The house's own scanner looks at the web servers and the doors of all machines, as it does every week from now on. */
function planScan(world: World, dayStart: number): void {
  const { random, diary } = world;
  const address = '10.20.0.66';
  let at = dayStart + 13 * hourMs + random.integer(0, 20) * minuteMs;
  for (const host of ['web1', 'web2'] as const) {
    for (const path of scanned) {
      for (const method of ['GET', 'OPTIONS']) {
        at += random.integer(200, 1500);
        writeRequest(
          world,
          at,
          at,
          host,
          address,
          '-',
          `${method} ${path}`,
          random.chance(0.8) ? 404 : 403,
          153,
          'house-scan/2.9',
        );
      }
    }
  }
  for (const host of hosts) {
    const tag = `sshd[${world.processId(host)}]`;
    const port = world.port();
    at += random.integer(500, 3000);
    diary.write(at, 'scanner', host, tag, `banner exchange: Connection from ${address} port ${port}: invalid format`);
    diary.write(
      at + 1000,
      'scanner',
      host,
      tag,
      `Unable to negotiate with ${address} port ${port}: no matching key exchange method found. Their offer: diffie-hellman-group1-sha1 [preauth]`,
    );
  }
}

/** Number of the first day of the changes: the first whole one behind the clean part. */
export function firstDayOfChanges(days: number, cleanUntil: number): number {
  return Math.ceil(days * cleanUntil);
}

/** Kinds that only honest changes write; what they write with others (logins, cron, requests) keeps that kind. */
export const changeKinds = ['patch-day', 'migrated-host', 'scanner'] as const;
