/** @file Hands a text to the browser as a file to keep. */

export function download(file: { fileName: string; mediaType: string; text: string }): void {
  const url = URL.createObjectURL(new Blob([file.text], { type: file.mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = file.fileName;
  link.click();
  // The download has its own hold on the data by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
