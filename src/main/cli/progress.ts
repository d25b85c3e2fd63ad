/** @file A job's progress as lines on stderr: one that is rewritten on a terminal, one every few seconds elsewhere. */
import { printable } from '../../shared/hidden.ts';
import type { Job } from '../../shared/jobs.ts';

const quietMs = 5000;
const count = new Intl.NumberFormat('en');

export class ProgressLine {
  #lastAt = 0;
  #lastStep = '';
  #width = 0;

  show(job: Pick<Job, 'subject' | 'step' | 'share' | 'remainingMs' | 'lineCount' | 'training'>, now: number): void {
    const parts = [job.subject, job.step];
    if (job.share !== null) parts.push(`${Math.floor(job.share * 100)} %`);
    if (job.lineCount !== null) parts.push(`${count.format(job.lineCount)} lines`);
    if (job.training) parts.push(`${job.training.trainingBits.toFixed(2)} bits per event`);
    if (job.remainingMs !== null && job.remainingMs > 1000)
      parts.push(`about ${Math.ceil(job.remainingMs / 1000)} s left`);
    const text = printable(parts.filter(Boolean).join(', '));
    if (process.stderr.isTTY) {
      process.stderr.write(`\r${text.padEnd(this.#width)}`);
      this.#width = text.length;
    } else if (job.step !== this.#lastStep || now - this.#lastAt >= quietMs) {
      process.stderr.write(`${text}\n`);
      this.#lastAt = now;
      this.#lastStep = job.step;
    }
  }

  end(): void {
    if (process.stderr.isTTY && this.#width > 0) process.stderr.write('\n');
    this.#width = 0;
  }
}
