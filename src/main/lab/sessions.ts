/** @file Sessions of people on machines: login, work, logout, in full and in order; the single acts for attacks that break the order. */
import { minuteMs } from './day.ts';
import type { Host, Person } from './people.ts';
import type { World } from './world.ts';

/** A login that has a process, a port and a session number, so that all its lines agree. */
export type Login = {
  person: Person;
  host: Host;
  address: string;
  port: number;
  processId: number;
  session: number;
  terminal: number;
};

export function newLogin(world: World, person: Person, host: Host, address: string): Login {
  return {
    person,
    host,
    address,
    port: world.port(),
    processId: world.processId(host),
    session: world.sessionNumber(host),
    terminal: world.terminal(host),
  };
}

/** `systemd-logind` runs since boot: one process id per host. */
function loginManager(host: Host): string {
  return `systemd-logind[${600 + host.length * 13 + host.charCodeAt(0)}]`;
}

export function writeAccepted(world: World, login: Login, at: number): void {
  const { person, host, address, port, processId } = login;
  const from = `for ${person.name} from ${address} port ${port} ssh2`;
  const message = person.method === 'publickey' ? `Accepted publickey ${from}: ED25519` : `Accepted password ${from}`;
  world.diary.write(at, 'login', host, `sshd[${processId}]`, message);
}

export function writeOpened(world: World, login: Login, at: number): void {
  const { person, host, processId, session } = login;
  const opened = `pam_unix(sshd:session): session opened for user ${person.name}(uid=${person.userId}) by (uid=0)`;
  world.diary.write(at, 'login', host, `sshd[${processId}]`, opened);
  world.diary.write(at, 'login', host, loginManager(host), `New session ${session} of user ${person.name}.`);
}

export function writeDisconnected(world: World, login: Login, at: number): void {
  const { person, host, address, port, processId } = login;
  const tag = `sshd[${processId}]`;
  world.diary.write(
    at,
    'logout',
    host,
    tag,
    `Received disconnect from ${address} port ${port}:11: disconnected by user`,
  );
  world.diary.write(at, 'logout', host, tag, `Disconnected from user ${person.name} ${address} port ${port}`);
}

export function writeClosed(world: World, login: Login, at: number): void {
  const { person, host, processId, session } = login;
  world.diary.write(
    at,
    'logout',
    host,
    `sshd[${processId}]`,
    `pam_unix(sshd:session): session closed for user ${person.name}`,
  );
  world.diary.write(
    at,
    'logout',
    host,
    loginManager(host),
    `Session ${session} logged out. Waiting for processes to exit.`,
  );
  world.diary.write(at, 'logout', host, loginManager(host), `Removed session ${session}.`);
}

/** A command by sudo: three lines of one process. Returns when it has ended. */
export function writeSudo(world: World, login: Login, at: number, command: string): number {
  const { person, host, terminal } = login;
  const tag = `sudo[${world.processId(host)}]`;
  const who = `TTY=pts/${terminal} ; PWD=/home/${person.name} ; USER=root`;
  const end = at + world.random.integer(0, 4) * 1000;
  if (world.diary.isInnocent) world.usedCommands.add(command);
  world.diary.write(at, 'sudo', host, tag, `  ${person.name} : ${who} ; COMMAND=${command}`);
  const opened = `pam_unix(sudo:session): session opened for user root(uid=0) by ${person.name}(uid=${person.userId})`;
  world.diary.write(at, 'sudo', host, tag, opened);
  const restarted = /systemctl restart (\w+)$/.exec(command)?.[1];
  if (restarted !== undefined) writeRestart(world, host, at, restarted);
  world.diary.write(end, 'sudo', host, tag, 'pam_unix(sudo:session): session closed for user root');
  return end;
}

/** What systemd says of a service's restart, in its order. */
export const restartSteps = ['Stopping', 'Stopped', 'Starting', 'Started'] as const;

export function writeRestart(
  world: World,
  host: Host,
  at: number,
  service: string,
  steps: readonly string[] = restartSteps,
): void {
  for (const step of steps) world.diary.write(at, 'service', host, 'systemd[1]', `${step} ${service}.service`);
}

/** A whole session from `at`, with the commands spread over it; returns its end. */
export function writeSession(
  world: World,
  login: Login,
  at: number,
  commands: readonly string[],
  lengthMs: number,
): number {
  const { random } = world;
  writeAccepted(world, login, at);
  writeOpened(world, login, at);
  let now = at + random.between(5_000, 30_000);
  const pause = lengthMs / (commands.length + 1);
  for (const command of commands) now = writeSudo(world, login, now + random.between(0.3, 1) * pause, command) + 1000;
  const end = Math.max(now + 2000, at + lengthMs);
  writeDisconnected(world, login, end);
  writeClosed(world, login, end);
  if (world.diary.isInnocent) {
    const busy = world.busyUntil.get(login.person.name) ?? 0;
    world.busyUntil.set(login.person.name, Math.max(busy, end + minuteMs));
  }
  return end;
}

/** A mistyped password of a known person; the same process goes on to accept the next try. */
export function writeTypo(world: World, login: Login, at: number): void {
  const { person, host, address, port, processId } = login;
  const rest = `logname= uid=0 euid=0 tty=ssh ruser= rhost=${address}  user=${person.name}`;
  const tag = `sshd[${processId}]`;
  world.diary.write(at, 'typo', host, tag, `pam_unix(sshd:auth): authentication failure; ${rest}`);
  const failed = `Failed password for ${person.name} from ${address} port ${port} ssh2`;
  world.diary.write(at + 2000, 'typo', host, tag, failed);
}
