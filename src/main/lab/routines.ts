/** @file What the office's machines do by themselves: cron at its hours, the web server's requests, upgrades, strangers at the door. */
import { dayMs, hourMs, minuteMs, accessStamp } from './day.ts';
import { branches, hosts, type Host } from './people.ts';
import { cumulate } from '../../shared/random.ts';
import type { World } from './world.ts';

/** Share of a working day's activity by hour, UTC. */
const workingHours = cumulate([0, 0, 0, 0, 0, 0, 1, 4, 10, 14, 14, 12, 7, 11, 14, 13, 10, 5, 2, 1, 0, 0, 0, 0]);

/** A time on the day that people would act at. */
export function workingTime(world: World, dayStart: number): number {
  return dayStart + world.random.weighted(workingHours) * hourMs + world.random.share() * hourMs;
}

/** A job by cron: three lines of one process. */
export function writeCronJob(world: World, at: number, host: Host, user: string, command: string): void {
  const tag = `CRON[${world.processId(host)}]`;
  const userId = user === 'root' ? 0 : 34;
  const { diary } = world;
  diary.write(
    at,
    'cron',
    host,
    tag,
    `pam_unix(cron:session): session opened for user ${user}(uid=${userId}) by (uid=0)`,
  );
  diary.write(at, 'cron', host, tag, `(${user}) CMD (${command})`);
  const end = at + world.random.integer(0, 3) * 1000;
  diary.write(end, 'cron', host, tag, `pam_unix(cron:session): session closed for user ${user}`);
}

export const hourlyCommand = 'cd / && run-parts --report /etc/cron.hourly';
export const backupCommand = '/usr/local/bin/backup --full /srv';

export function writeBackup(world: World, at: number, host: Host): void {
  writeCronJob(world, at, host, 'backup', backupCommand);
  const tag = `backup[${world.processId(host)}]`;
  world.diary.write(at + 2000, 'backup', host, tag, 'Backup of /srv started');
  const size = world.random.integer(20_000, 90_000);
  const end = at + world.random.between(10, 25) * minuteMs;
  world.diary.write(end, 'backup', host, tag, `Backup of /srv finished, ${size} files, 0 errors`);
}

/** Cron, backups, upgrades and health checks of a day. */
export function planMachines(world: World, dayStart: number, intensity: number): void {
  const hourlyHosts: readonly Host[] = intensity < 0.3 ? ['gw1'] : ['gw1', 'web1', 'db1'];
  for (let hour = 0; hour < 24; hour++) {
    for (const host of hourlyHosts) {
      const at = dayStart + hour * hourMs + 17 * minuteMs + 1000;
      writeCronJob(world, at, host, 'root', hourlyCommand);
    }
  }
  (['db1', 'files1', 'git1'] as const).forEach((host, index) => {
    writeBackup(world, dayStart + 2 * hourMs + (10 + index * 20) * minuteMs + 1000, host);
  });
  hosts.forEach((host, index) => {
    const at = dayStart + 6 * hourMs + 25 * minuteMs + 1000;
    writeCronJob(world, at, host, 'root', 'test -x /usr/sbin/anacron || run-parts --report /etc/cron.daily');
    planUpgrade(world, dayStart + 6 * hourMs + (40 + index) * minuteMs, host);
  });
  const everyMs = intensity < 0.3 ? hourMs : 15 * minuteMs;
  for (let at = dayStart + 5000; at < dayStart + dayMs; at += everyMs) {
    for (const host of ['web1', 'web2'] as const) {
      writeRequest(world, at, at, host, '10.20.0.5', '-', 'GET /health', 200, 2, 'monitor/1.4');
    }
  }
}

const packages = ['libssl3', 'nginx', 'openssh-server', 'postgresql-common', 'tzdata', 'curl'];

function planUpgrade(world: World, at: number, host: Host): void {
  const { random, diary } = world;
  const tag = `unattended-upgrade[${world.processId(host)}]`;
  diary.write(at, 'upgrade', host, tag, 'Starting unattended upgrades script');
  if (!random.chance(0.12)) {
    diary.write(at + 9000, 'upgrade', host, tag, 'No packages found that can be upgraded unattended');
    return;
  }
  const name = random.pick(packages);
  diary.write(at + 9000, 'upgrade', host, tag, `Packages that will be upgraded: ${name}`);
  const version = `1.${random.integer(2, 30)}.${random.integer(0, 9)}`;
  diary.write(at + 20_000, 'upgrade', host, `dpkg[${world.processId(host)}]`, `upgraded ${name} to ${version}`);
  diary.write(at + 31_000, 'upgrade', host, tag, 'All upgrades installed');
}

const browsers = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0',
  'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
];
const pages = ['news', 'canteen', 'phonebook', 'projects', 'forms', 'travel'];

/** One request in the access log of a web server, which goes to syslog. */
export function writeRequest(
  world: World,
  at: number,
  stampAt: number,
  host: Host,
  address: string,
  user: string,
  request: string,
  status: number,
  sizeBytes: number,
  agent: string,
): void {
  const rest = `"${request} HTTP/1.1" ${status} ${sizeBytes} "-" "${agent}"`;
  world.diary.write(at, 'web', host, 'nginx', `${address} - ${user} [${accessStamp(stampAt)}] ${rest}`);
}

/** A visit of the intranet: a page and what it loads. */
export function writeVisit(world: World, at: number): void {
  const { random } = world;
  const person = world.staff.draw();
  const address = person.addresses[0] ?? '10.20.0.9';
  const agent = browsers[person.userId % browsers.length] ?? '';
  const host = random.chance(0.6) ? 'web1' : 'web2';
  const page = random.pick(pages);
  const missing = random.chance(0.02);
  const get = (afterMs: number, path: string, status: number, sizeBytes: number): void =>
    writeRequest(world, at + afterMs, at + afterMs, host, address, person.name, path, status, sizeBytes, agent);
  get(0, `GET /intranet/${page}/index.html`, missing ? 404 : 200, random.integer(2000, 9000));
  if (missing) return;
  get(0, 'GET /static/css/main.css', random.chance(0.6) ? 304 : 200, random.integer(0, 20_000));
  get(1000, 'GET /static/js/app.js', random.chance(0.6) ? 304 : 200, random.integer(0, 90_000));
  get(1000, `GET /api/v1/${page}?page=${random.integer(1, 9)}`, 200, random.integer(300, 4000));
  if (random.chance(0.1)) get(20_000, `POST /api/v1/${page}`, 201, random.integer(100, 400));
}

const guesses = ['admin', 'test', 'oracle', 'ubuntu', 'guest', 'postgres', 'ftpuser', 'pi', 'user', 'support'];

/** Strangers from outside try names at the gateway all day: normal background. */
export function writeGuess(world: World, at: number): void {
  const { random, diary } = world;
  const address = `${random.pick([45, 91, 141, 185, 193])}.${random.integer(1, 250)}.${random.integer(1, 250)}.${random.integer(1, 250)}`;
  const port = world.port();
  const tag = `sshd[${world.processId('gw1')}]`;
  const name = random.pick(guesses);
  const write = (afterMs: number, message: string): void => diary.write(at + afterMs, 'guess', 'gw1', tag, message);
  if (random.chance(0.3)) {
    write(0, `Failed password for root from ${address} port ${port} ssh2`);
    write(1000, `Connection closed by authenticating user root ${address} port ${port} [preauth]`);
    return;
  }
  write(0, `Invalid user ${name} from ${address} port ${port}`);
  write(2000, `Failed password for invalid user ${name} from ${address} port ${port} ssh2`);
  write(3000, `Connection closed by invalid user ${name} ${address} port ${port} [preauth]`);
}

/** An address of a branch office, for whoever travels. */
export function branchAddress(world: World, branch: number): string {
  const addresses = branches[branch % branches.length];
  if (addresses === undefined) throw new Error(`No branch ${branch}.`);
  return world.random.pick(addresses);
}
