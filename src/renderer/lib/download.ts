/** @file Hands a file to the browser to keep, and bytes to and from the text that requests carry them as. */

export type KeptFile = { fileName: string; mediaType: string; bytes: Uint8Array<ArrayBuffer> };

export function download(file: KeptFile): void {
  const url = URL.createObjectURL(new Blob([file.bytes], { type: file.mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = file.fileName;
  link.click();
  // The download has its own hold on the data by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** So many at a time: a function takes no more arguments. */
const bytesAtATime = 0x6000;

export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += bytesAtATime) {
    parts.push(btoa(String.fromCharCode(...bytes.subarray(start, start + bytesAtATime))));
  }
  return parts.join('');
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
