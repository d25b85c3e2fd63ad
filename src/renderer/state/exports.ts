/** @file What leaves the app as a file: reports, bundles, and anything else that is kept where the analyst says. */
import type { PeriodFormat } from '../../shared/period.ts';
import type { ReportFormat } from '../../shared/report.ts';
import { download, fromBase64, toBase64, type KeptFile } from '../lib/download.ts';
import type { AppState } from './app.svelte.ts';

export class Exports {
  readonly #app: AppState;

  constructor(app: AppState) {
    this.#app = app;
  }

  bundle(): Promise<boolean> {
    return this.#app.attempt('Exporting the bundle', async () => {
      if (this.#app.cases.selectedId === null || this.#app.bundles.isExporting) return;
      const { base64, savedAs, missing, ...file } = await this.#app.bundles.export(this.#app.cases.selectedId);
      if (base64 === null) this.#app.notices.tell('Bundle made.', `It is large, and lies in the workspace: ${savedAs}`);
      else await this.keep('Bundle', { ...file, bytes: fromBase64(base64) });
      if (missing.length > 0)
        this.#app.notices.tell('Bundle made, without some content.', `Gone or changed: ${missing.join(', ')}`);
    });
  }

  case(format: ReportFormat): Promise<boolean> {
    return this.#app.attempt('Exporting', async () => {
      if (this.#app.cases.selectedId === null) return;
      const report = await this.#app.cases.report.export(this.#app.cases.selectedId, format);
      await this.keep('Report', { ...report, bytes: fromBase64(report.base64) });
    });
  }

  period(format: PeriodFormat): Promise<boolean> {
    return this.#app.attempt('Exporting', async () => {
      const report = await this.#app.handover.export(format);
      await this.keep('Report', { ...report, bytes: fromBase64(report.base64) });
    });
  }

  /** Hands a text over to be kept, and says what is known of it: a browser does not tell whether or where it kept it. */
  async keep(what: string, file: KeptFile): Promise<void> {
    if (!this.#app.workspace?.hasFileDialog) {
      download(file);
      this.#app.notices.tell(
        `${what} handed to the browser.`,
        `${file.fileName}: it asks where, or keeps it in its downloads.`,
      );
      return;
    }
    const { savedAs } = await this.#app.transport.request('files.save', {
      name: file.fileName,
      base64: toBase64(file.bytes),
    });
    if (savedAs === null) this.#app.notices.tell(`${what} not saved.`, 'The dialog was closed.');
    else this.#app.notices.tell(`${what} saved.`, savedAs);
  }
}
