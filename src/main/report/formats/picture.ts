/** @file The timeline as PNG, for what cannot draw: its marks without text, at twice its size. */
import { crc32, deflateSync } from 'node:zlib';
import { paper } from '../palette.ts';
import { markShape, pictureWidth, type TimelinePicture } from '../timeline.ts';

const scale = 2;
const pngWidth = pictureWidth * scale;

class Canvas {
  readonly #height: number;
  readonly #pixels: Uint8Array;

  constructor(height: number) {
    this.#height = height * scale;
    this.#pixels = new Uint8Array(pngWidth * this.#height * 3).fill(255);
  }

  fill(left: number, top: number, width: number, height: number, colour: string): void {
    const [red, green, blue] = [1, 3, 5].map((index) => Number.parseInt(colour.slice(index, index + 2), 16));
    const right = Math.min(pngWidth, Math.round((left + width) * scale));
    const bottom = Math.min(this.#height, Math.round((top + height) * scale));
    for (let y = Math.max(0, Math.round(top * scale)); y < bottom; y++) {
      for (let x = Math.max(0, Math.round(left * scale)); x < right; x++) {
        this.#pixels.set([red ?? 0, green ?? 0, blue ?? 0], (y * pngWidth + x) * 3);
      }
    }
  }

  png(): Uint8Array {
    const stride = pngWidth * 3;
    // Each row begins with its filter: none.
    const rows = new Uint8Array((stride + 1) * this.#height);
    for (let y = 0; y < this.#height; y++)
      rows.set(this.#pixels.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
    const header = Buffer.alloc(13);
    header.writeUInt32BE(pngWidth, 0);
    header.writeUInt32BE(this.#height, 4);
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

export function timelinePng({ height, axisY, lanes, phases, marks, ticks }: TimelinePicture): Uint8Array {
  const canvas = new Canvas(height);
  const [left, right] = [lanes.length > 0 ? 64 : 0, 24];
  for (const { x, width } of phases) canvas.fill(x, 2, width, 16, paper.line);
  for (const { y } of lanes) canvas.fill(left, y, pictureWidth - left - right, 0.5, paper.line);
  for (const mark of marks) {
    const { kind, colour, size } = markShape(mark);
    const { x, y } = mark;
    if (kind === 'bar') canvas.fill(x - 1.5, y - size / 2, 3, size, colour);
    else if (kind === 'page') {
      canvas.fill(x - 3, y - 4.5, 6, 9, colour);
      canvas.fill(x - 2, y - 3.5, 4, 7, paper.ground);
    } else {
      // Row by row: a diamond narrows evenly, a dot as a circle does.
      const half = size / 2;
      for (let row = -half; row < half; row += 1 / scale) {
        const reach = kind === 'dot' ? Math.sqrt(half ** 2 - row ** 2) : half - Math.abs(row);
        canvas.fill(x - reach, y + row, 2 * reach, 1 / scale, colour);
      }
    }
  }
  canvas.fill(left, axisY, pictureWidth - left - right, 1, paper.axis);
  for (const { x } of ticks) canvas.fill(x, axisY, 1, 4, paper.axis);
  return canvas.png();
}
