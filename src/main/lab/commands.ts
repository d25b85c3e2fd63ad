/** @file Commands that people run with sudo: the usual ones by role, those of rare but honest work, and those that nobody has run. */
import type { Role } from './people.ts';

export const usualCommands: Readonly<Record<Role, readonly string[]>> = {
  admin: [
    '/usr/bin/systemctl status nginx',
    '/usr/bin/systemctl restart nginx',
    '/usr/bin/systemctl reload nginx',
    '/usr/bin/journalctl -u nginx --since today',
    '/usr/bin/apt-get update',
    '/usr/bin/apt-get upgrade',
    '/usr/bin/df -h',
    '/usr/bin/du -sh /var/log',
    '/usr/bin/tail -n 100 /var/log/syslog',
    '/usr/bin/cat /var/log/auth.log',
    '/usr/bin/vim /etc/nginx/nginx.conf',
    '/usr/sbin/nginx -t',
    '/usr/bin/systemctl status postgresql',
    '/usr/bin/lsof -i',
  ],
  developer: [
    '/usr/bin/docker ps',
    '/usr/bin/docker compose pull',
    '/usr/bin/docker compose up',
    '/usr/bin/systemctl restart gitea',
    '/usr/bin/journalctl -u gitea',
    '/usr/bin/systemctl status runner',
    '/usr/bin/chown -R git /srv/git',
  ],
  clerk: [],
};

/** Rare and honest: done now and then by an administrator in working hours. */
export const rareCommands: readonly string[] = [
  '/usr/bin/shred -uzn 3 /srv/archive/contracts',
  '/usr/sbin/userdel -r intern',
  '/usr/bin/rm -rf /srv/old/exports',
  '/usr/bin/systemctl stop postgresql',
  '/usr/sbin/fdisk -l',
  '/usr/bin/tar czf /srv/archive/mail.tgz /var/mail',
  '/usr/bin/chmod -R 640 /srv/finance',
];

/** Rare commands that destroy: what an intruder runs as well. */
export const destructiveCommands: readonly string[] = [
  '/usr/bin/shred -uzn 3 /srv/archive/contracts',
  '/usr/bin/rm -rf /srv/old/exports',
];

/** What nobody in the office has ever run. */
export const unseenCommands: readonly string[] = [
  '/usr/bin/nc -l -p 4444 -e /bin/sh',
  '/usr/sbin/insmod /tmp/hide.ko',
  '/usr/sbin/tcpdump -i any -w /tmp/capture',
  '/usr/sbin/iptables -F',
  '/usr/bin/passwd root',
  '/usr/bin/base64 /etc/shadow',
  '/usr/bin/chattr -i /etc/passwd',
  '/usr/bin/crontab -r',
];
