/** @file The timeline as PNG, for what cannot draw: bars and dots without text, at twice its size. */
import { crc32, deflateSync } from 'node:zlib';
import { paper, severityColours, verdictColours } from '../palette.ts';
import { axisY, pictureWidth, type TimelinePicture } from '../timeline.ts';

const scale = 2;
export const pngWidth = pictureWidth * scale;
export const pngHeight = (axisY + 6) * scale;

class Canvas {
  readonly #pixels = new Uint8Array(pngWidth * pngHeight * 3).fill(255);

  fill(left: number, top: number, width: number, height: number, colour: string): void {
    const [red, green, blue] = [1, 3, 5].map((index) => Number.parseInt(colour.slice(index, index + 2), 16));
    const right = Math.min(pngWidth, Math.round((left + width) * scale));
    const bottom = Math.min(pngHeight, Math.round((top + height) * scale));
    for (let y = Math.max(0, Math.round(top * scale)); y < bottom; y++) {
      for (let x = Math.max(0, Math.round(left * scale)); x < right; x++) {
        this.#pixels.set([red ?? 0, green ?? 0, blue ?? 0], (y * pngWidth + x) * 3);
      }
    }
  }

  png(): Uint8Array {
    const stride = pngWidth * 3;
    // Each row begins with its filter: none.
    const rows = new Uint8Array((stride + 1) * pngHeight);
    for (let y = 0; y < pngHeight; y++)
      rows.set(this.#pixels.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
    const header = Buffer.alloc(13);
    header.writeUInt32BE(pngWidth, 0);
    header.writeUInt32BE(pngHeight, 4);
    header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB
    return Buffer.concat([
      Buffer.from('89504e470d0a1a0a', 'hex'),
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(rows, { level: 9 })),
      chunk('IEND', Buffer.alloc(0)),
    ]);
  }
}

function chunk(name: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), content]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(content.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

export function timelinePng({ marks, ticks }: TimelinePicture): Uint8Array {
  const canvas = new Canvas();
  for (const { x, height, severity, verdict } of marks) {
    canvas.fill(x, axisY - height, 3, height, severityColours[severity]);
    if (verdict !== null) canvas.fill(x - 2, axisY - height - 9, 6, 6, verdictColours[verdict]);
  }
  canvas.fill(24, axisY, pictureWidth - 48, 1, paper.axis);
  for (const { x } of ticks) canvas.fill(x, axisY, 1, 4, paper.axis);
  return canvas.png();
}
