/** @file What leaves the app as a file: reports, bundles, and anything else that is kept where the analyst says. */
import type { PeriodFormat } from '../../shared/period.ts';
import type { ReportFormat } from '../../shared/report.ts';
import { download, fromBase64, toBase64, type KeptFile } from '../lib/download.ts';
import { copyText } from '../lib/clipboard.ts';
import type { AppState } from './app.svelte.ts';
import type { Notice } from './notices.svelte.ts';

export class Exports {
  readonly #app: AppState;
  #isWriting = false;

  constructor(app: AppState) {
    this.#app = app;
  }

  bundle(): Promise<boolean> {
    return this.#app.attempt('Exporting the bundle', async () => {
      if (this.#app.cases.selectedId === null || this.#app.bundles.isExporting) return;
      const { base64, savedAs, missing, manifestSha256, ...file } = await this.#app.bundles.export(
        this.#app.cases.selectedId,
      );
      const action = { label: 'Copy the hash', run: () => void copyText(manifestSha256) };
      const gone = missing.length > 0 ? `Without content that is gone or changed: ${missing.join(', ')}. ` : '';
      const text = `${gone}The hash of its list is ${manifestSha256}; whoever imports it is shown the same.`;
      if (base64 !== null) await this.keep('Bundle', { ...file, bytes: fromBase64(base64) }, { text, action });
      else
        this.#app.notices.tell('Bundle made.', `It is large, and lies in the workspace: ${savedAs}. ${text}`, action);
    });
  }

  case(format: ReportFormat): Promise<boolean> {
    const { selectedId, report } = this.#app.cases;
    return selectedId === null ? Promise.resolve(false) : this.#report(() => report.export(selectedId, format));
  }

  period(format: PeriodFormat): Promise<boolean> {
    return this.#report(() => this.#app.handover.export(format));
  }

  /** One at a time, and said when it begins: a large one takes seconds, and keys struck meanwhile made more of them. */
  #report(write: () => Promise<Omit<KeptFile, 'bytes'> & { base64: string }>): Promise<boolean> {
    return this.#app.attempt('Exporting', async () => {
      if (this.#isWriting) return;
      this.#isWriting = true;
      this.#app.notices.tell('Writing the report.');
      try {
        const { base64, ...file } = await write();
        await this.keep('Report', { ...file, bytes: fromBase64(base64) });
      } finally {
        this.#isWriting = false;
      }
    });
  }

  /** Hands a text over to be kept, and says what is known of it: a browser does not tell whether or where it kept it. */
  async keep(
    what: string,
    file: KeptFile,
    more: Pick<Notice, 'text' | 'action'> = { text: '', action: null },
  ): Promise<void> {
    if (!this.#app.workspace?.hasFileDialog) {
      download(file);
      this.#app.notices.tell(
        `${what} handed to the browser.`,
        `${file.fileName}: it asks where, or keeps it in its downloads. ${more.text}`,
        more.action,
      );
      return;
    }
    const { savedAs } = await this.#app.transport.request('files.save', {
      name: file.fileName,
      base64: toBase64(file.bytes),
    });
    if (savedAs === null) this.#app.notices.tell(`${what} not saved.`, 'The dialog was closed.');
    else this.#app.notices.tell(`${what} saved.`, more.text === '' ? savedAs : `${savedAs}. ${more.text}`, more.action);
  }
}
