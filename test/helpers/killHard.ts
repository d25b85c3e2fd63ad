/** @file Ends a process as a crash would. */

/** Throws where there is none: signals to process 0 go to the whole group, the test runner too. */
export function needPid(pid: number | undefined): number {
  if (!pid) throw new Error('There is no such process to signal.');
  return pid;
}

export function killHard(pid: number | undefined): void {
  process.kill(needPid(pid), 'SIGKILL');
}
