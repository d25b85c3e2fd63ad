/** @file What people do on a day: sessions with their work, travel, rare but honest acts, a newcomer's first day, the night's deployment. */
import { rareCommands, usualCommands } from './commands.ts';
import { hourMs, minuteMs } from './day.ts';
import { branches, type Person } from './people.ts';
import { branchAddress, workingTime } from './routines.ts';
import { newLogin, writeSession, writeTypo } from './sessions.ts';
import type { World } from './world.ts';

/** Draws the commands of a session by the person's role. */
export function drawCommands(world: World, person: Person): string[] {
  const usual = usualCommands[person.role];
  if (usual.length === 0) return [];
  const count = person.role === 'admin' ? world.random.integer(1, 5) : world.random.integer(0, 2);
  return Array.from({ length: count }, () => world.random.pick(usual));
}

/** The person's address today: mostly at the desk, sometimes over the tunnel. */
export function usualAddress(world: World, person: Person): string {
  const address = person.addresses[world.random.chance(0.85) ? 0 : 1];
  if (address === undefined) throw new Error(`${person.name} has no address.`);
  return address;
}

/** Sessions of a day. People have one at a time: whoever is still logged in when the next begins is passed over. */
export function planSessions(world: World, dayStart: number, count: number): void {
  const starts = Array.from({ length: count }, () => workingTime(world, dayStart));
  starts.sort((left, right) => left - right);
  for (const at of starts) {
    const person = drawIdle(world, at);
    if (person !== null) planSession(world, person, at);
  }
}

function drawIdle(world: World, at: number): Person | null {
  for (let attempt = 0; attempt < 12; attempt++) {
    const person = world.staff.draw();
    if ((world.busyUntil.get(person.name) ?? 0) < at) return person;
  }
  return null;
}

function planSession(world: World, person: Person, at: number): void {
  const { random } = world;
  const login = newLogin(world, person, random.pick(person.hosts), usualAddress(world, person));
  let start = at;
  if (person.method === 'password' && random.chance(0.06)) {
    writeTypo(world, login, at);
    start += 6000;
  }
  writeSession(world, login, start, drawCommands(world, person), random.between(4, 40) * minuteMs);
}

/** A working day at a branch office: somebody logs in from there. */
export function planTravel(world: World, dayStart: number): void {
  const branch = world.random.integer(0, branches.length - 1);
  const person = world.staff.draw();
  let at = dayStart + 8 * hourMs;
  for (let count = 0; count < 3; count++) {
    at += world.random.between(10, 150) * minuteMs;
    const login = newLogin(world, person, 'gw1', branchAddress(world, branch));
    at = writeSession(world, login, at, [], world.random.between(5, 40) * minuteMs);
  }
}

/** A rare command in an administrator's working hours. */
export function planRareCommand(world: World, at: number, command: string): void {
  const person = world.staff.withRole('admin');
  const host = world.random.pick(['db1', 'files1', 'web1'] as const);
  const login = newLogin(world, person, host, usualAddress(world, person));
  writeSession(world, login, at, ['/usr/bin/df -h', command], world.random.between(4, 15) * minuteMs);
}

/** Every rare command and every branch once, so that what the quiet part must show is there in any file. */
export function planRarities(world: World, from: number): void {
  rareCommands.forEach((command, index) => planRareCommand(world, from + index * 11 * minuteMs, command));
  const restart = newLogin(world, world.staff.withRole('admin'), 'web1', '10.20.1.21');
  writeSession(world, restart, from + 5 * minuteMs, ['/usr/bin/systemctl restart nginx'], 4 * minuteMs);
  branches.forEach((_, branch) => {
    const person = world.staff.draw();
    const login = newLogin(world, person, 'gw1', branchAddress(world, branch));
    writeSession(world, login, from + branch * 17 * minuteMs, [], 9 * minuteMs);
  });
}

/** An administrator makes an account, its owner logs in for the first time and mistypes. */
export function planFirstDay(world: World, dayStart: number): void {
  const person = world.staff.join();
  if (person === null) return;
  const admin = world.staff.withRole('admin');
  const at = dayStart + 8 * hourMs + world.random.between(0, 40) * minuteMs;
  const login = newLogin(world, admin, 'term1', usualAddress(world, admin));
  writeSession(world, login, at, [`/usr/sbin/useradd -m ${person.name}`], 5 * minuteMs);
  const added = `new user: name=${person.name}, UID=${person.userId}, GID=100, home=/home/${person.name}, shell=/bin/bash`;
  world.diary.write(at + 3 * minuteMs, 'first-day', 'term1', `useradd[${world.processId('term1')}]`, added);
  const first = newLogin(world, person, 'term1', usualAddress(world, person));
  writeTypo(world, first, at + 30 * minuteMs);
  writeSession(world, first, at + 31 * minuteMs, [], 40 * minuteMs);
}

/** The deployment on two nights of the week, by an account that does nothing else. */
export function planDeployment(world: World, dayStart: number): void {
  const deploy: Person = {
    name: 'deploy',
    userId: 1100,
    role: 'developer',
    addresses: ['10.20.0.7'],
    hosts: ['web1', 'web2'],
    method: 'publickey',
  };
  let at = dayStart + 22 * hourMs + 30 * minuteMs + world.random.integer(0, 30) * 1000;
  for (const host of ['web1', 'web2'] as const) {
    const login = newLogin(world, deploy, host, '10.20.0.7');
    const commands = ['/usr/bin/docker compose pull', '/usr/bin/docker compose up', '/usr/bin/systemctl restart nginx'];
    at = writeSession(world, login, at, commands, 3 * minuteMs) + 5000;
  }
}
