/** @file Tells from a file's first block that it is no text log, and what it is instead. */

const any = -1;
const startsWith: readonly [name: string, advice: string, bytes: readonly number[]][] = [
  ['a PNG image', '', [0x89, 0x50, 0x4e, 0x47]],
  ['a JPEG image', '', [0xff, 0xd8, 0xff]],
  ['a GIF image', '', [0x47, 0x49, 0x46, 0x38]],
  ['a PDF document', '', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['a ZIP archive', 'Unpack it and open the log inside.', [0x50, 0x4b, 0x03, 0x04]],
  ['a 7-Zip archive', 'Unpack it and open the log inside.', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['an xz archive', 'Unpack it and open the log inside.', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['a Zstandard archive', 'Unpack it and open the log inside.', [0x28, 0xb5, 0x2f, 0xfd]],
  ['a bzip2 archive', 'Unpack it and open the log inside.', [0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59]],
  [
    'a Windows event log',
    'Export its events as JSON lines and open that.',
    [0x45, 0x6c, 0x66, 0x46, 0x69, 0x6c, 0x65, 0x00],
  ],
  ['a packet capture', '', [0xd4, 0xc3, 0xb2, 0xa1]],
  ['a packet capture', '', [0x0a, 0x0d, 0x0d, 0x0a, any, any, any, any, 0x4d, 0x3c, 0x2b, 0x1a]],
  ['a program', '', [0x7f, 0x45, 0x4c, 0x46]],
  [
    'an SQLite database',
    '',
    [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20, 0x66, 0x6f, 0x72, 0x6d, 0x61, 0x74, 0x20, 0x33, 0x00],
  ],
  [
    'a systemd journal',
    'Export it with journalctl -o json and open that.',
    [0x4c, 0x50, 0x4b, 0x53, 0x48, 0x48, 0x52, 0x48],
  ],
];

/** Fewer odd bytes than this say nothing: a short log may hold a stray control character. */
const leastOddBytes = 32;

/**
 * Null for text; else a sentence that says what the file is and what to do. Text may hold blocks of NUL bytes, which a crashed
 * writer leaves, and bytes of any encoding: only a share of controls that text never has is taken as binary.
 */
export function describeBinary(block: Uint8Array): string | null {
  for (const [name, advice, bytes] of startsWith) {
    if (bytes.every((byte, index) => byte === any || block[index] === byte)) {
      return `is ${name}, not a log. ${advice || 'Choose a text file with one event per line.'}`;
    }
  }
  let nulBytes = 0;
  let controls = 0;
  for (const byte of block) {
    if (byte === 0) nulBytes++;
    else if ((byte < 32 && (byte < 7 || byte > 13) && byte !== 27) || byte === 127) controls++;
  }
  const binary =
    (controls >= leastOddBytes && controls > block.length * 0.05) ||
    (nulBytes >= leastOddBytes && nulBytes > block.length * 0.3);
  return binary ? 'holds binary data, not a log. Choose a text file with one event per line.' : null;
}
