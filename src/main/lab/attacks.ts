/**
 * @file Attacks, one function per kind. Apart from the kinds that are about an unusual user, address or action, or a foreign format, all
 * their words are words of the office's normal life: they are wrong in order, hour, stamp or combination only.
 */
import { destructiveCommands, unseenCommands, usualCommands } from './commands.ts';
import { accessStamp, dayMs, hourMs, minuteMs, type AttackKind } from './day.ts';
import { strangers } from './people.ts';
import { backupCommand, branchAddress, hourlyCommand, writeBackup, writeCronJob, writeRequest } from './routines.ts';
import {
  newLogin,
  restartSteps,
  writeAccepted,
  writeClosed,
  writeDisconnected,
  writeOpened,
  writeRestart,
  writeSession,
  writeSudo,
} from './sessions.ts';
import { drawCommands, usualAddress } from './staffDay.ts';
import type { World } from './world.ts';

export const attackKinds: readonly AttackKind[] = [
  'unusual-user',
  'unusual-address',
  'unusual-action',
  'future-time',
  'foreign-format',
  'impossible-travel',
  'wrong-order',
  'wrong-hour',
];

/** Plans one attack of a kind at a time; `wrong-hour` finds that it is the hour for something else. */
export function planAttack(world: World, kind: AttackKind, at: number): void {
  world.diary.during(kind, () => planners[kind](world, at));
}

const planners: Readonly<Record<AttackKind, (world: World, at: number) => void>> = {
  'unusual-user': (world, at) => {
    const person = world.staff.stranger(world.random.pick(strangers));
    const login = newLogin(world, person, world.random.pick(['gw1', 'db1', 'files1'] as const), '10.20.4.66');
    writeSession(world, login, at, [], world.random.between(2, 9) * minuteMs);
  },

  'unusual-address': (world, at) => {
    const person = world.staff.draw();
    const address = `${world.random.pick([62, 77, 102, 154])}.${world.random.integer(2, 250)}.${world.random.integer(2, 250)}.7`;
    const login = newLogin(world, person, 'gw1', address);
    writeSession(world, login, at, [], world.random.between(2, 9) * minuteMs);
  },

  'unusual-action': (world, at) => {
    const person = world.staff.withRole('admin');
    const login = newLogin(world, person, world.random.pick(person.hosts), usualAddress(world, person));
    const end = at + world.random.between(3, 9) * minuteMs;
    // The session around it is as ever.
    world.diary.innocently(() => {
      writeAccepted(world, login, at);
      writeOpened(world, login, at);
      writeDisconnected(world, login, end);
      writeClosed(world, login, end);
    });
    writeSudo(world, login, at + minuteMs, world.random.pick(unseenCommands));
  },

  'future-time': (world, at) => {
    const ahead = world.random.between(2, 40) * dayMs;
    world.diary.ahead(ahead, () => {
      const host = world.random.pick(['web1', 'web2'] as const);
      if (world.random.chance(0.5)) writeCronJob(world, at, 'gw1', 'root', hourlyCommand);
      else writeRequest(world, at, at + ahead, host, '10.20.0.5', '-', 'GET /health', 200, 2, 'monitor/1.4');
    });
  },

  'foreign-format': (world, at) => {
    const { random, diary } = world;
    const address = `10.20.2.${random.integer(20, 60)}`;
    const line = random.integer(0, 3);
    if (line === 0) {
      const text = { time: new Date(at).toISOString(), level: 'info', msg: 'listener ready', addr: address };
      diary.writeBare(at, 'foreign', JSON.stringify(text));
    } else if (line === 1) {
      diary.writeBare(at, 'foreign', `${address} - - [${accessStamp(at)}] "GET /shell.jsp?cmd=id HTTP/1.1" 200 51`);
    } else if (line === 2) {
      diary.writeBare(at, 'foreign', `"4688","Security","WS-${random.integer(10, 99)}","powershell.exe -enc SQBFAFgA"`);
    } else {
      diary.writeBare(at, 'foreign', 'Traceback (most recent call last):');
      diary.writeBare(at, 'foreign', '  File "/opt/agent/run.py", line 41, in connect');
    }
  },

  'impossible-travel': (world, at) => {
    const { random } = world;
    const person = world.knownPerson('admin');
    const branch = random.integer(0, 2);
    const here = newLogin(world, person, 'gw1', branchAddress(world, branch));
    const there = newLogin(world, person, 'gw1', branchAddress(world, branch + 1));
    for (const login of [here, there]) {
      writeAccepted(world, login, at);
      writeOpened(world, login, at);
    }
    const end = writeSudo(world, there, at + 4000, random.pick(destructiveCommands)) + 3000;
    for (const login of [there, here]) {
      writeDisconnected(world, login, end);
      writeClosed(world, login, end);
    }
  },

  'wrong-order': (world, at) => {
    const { random } = world;
    const variant = random.integer(0, 3);
    if (variant === 0) {
      writeRestart(world, random.pick(['web1', 'web2'] as const), at, 'nginx', shuffledSteps(world));
      return;
    }
    const person = idlePerson(world, at);
    const login = newLogin(world, person, random.pick(person.hosts), usualAddress(world, person));
    if (variant === 1) {
      // Closed before it was opened.
      writeDisconnected(world, login, at);
      writeClosed(world, login, at);
      writeOpened(world, login, at + 2000);
      writeAccepted(world, login, at + 3000);
    } else if (variant === 2) {
      // Commands of somebody who has not logged in.
      const command = (): string =>
        random.pick(world.known(usualCommands.admin.filter((text) => !text.includes('restart'))));
      const end = writeSudo(world, login, at, command());
      writeSudo(world, login, end + 3000, command());
    } else {
      // Commands behind the end of the session.
      writeAccepted(world, login, at);
      writeDisconnected(world, login, at + 2000);
      writeClosed(world, login, at + 2000);
      writeSudo(world, login, at + 6000, random.pick(destructiveCommands));
      writeOpened(world, login, at + 12_000);
    }
  },

  'wrong-hour': (world, at) => {
    const { random } = world;
    if (!isNight(at)) {
      // The backup of the night, in the middle of the day.
      const host = random.pick(['db1', 'files1', 'git1'] as const);
      if (random.chance(0.5)) writeBackup(world, at, host);
      else writeCronJob(world, at, host, 'backup', backupCommand);
      return;
    }
    const person = world.knownPerson(random.chance(0.5) ? 'admin' : 'clerk');
    const login = newLogin(world, person, random.pick(person.hosts), person.addresses[0] ?? '');
    writeSession(
      world,
      login,
      at,
      world.known(drawCommands(world, person)).slice(0, 2),
      random.between(3, 12) * minuteMs,
    );
  },
};

/** Hours at which nobody works and no deployment runs. */
function isNight(at: number): boolean {
  const hour = Math.floor((at % dayMs) / hourMs);
  return hour < 5;
}

/** A known administrator with no session planned around the time; anyone where all are busy. */
function idlePerson(world: World, at: number): ReturnType<World['staff']['withRole']> {
  for (let attempt = 0; attempt < 8; attempt++) {
    const person = world.knownPerson('admin');
    if ((world.busyUntil.get(person.name) ?? 0) < at) return person;
  }
  return world.knownPerson('admin');
}

/** The steps of a restart in an order that no restart has. */
function shuffledSteps(world: World): string[] {
  const [stopping, stopped, starting, started] = restartSteps;
  return world.random.chance(0.5) ? [started, stopping, starting, stopped] : [stopped, started, stopping, starting];
}
