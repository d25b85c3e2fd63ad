/**
 * @file Values of events as bytes: a byte for the form, then column by column. Hashes are few and come often, so each column of them is a
 * table of those that there are and a place in it for every event: fifteen to twenty bytes an event instead of 42.
 */
import { shapeNames, type EventValues } from '../../shared/eventValues.ts';

const form = 1;
const shapeBytes = shapeNames.length;
const hashColumns = ['lineHashes', 'users', 'networks', 'hosts'] as const;
const byteColumns = ['outcomes', 'flags', 'shapes'] as const;
/** Slots for each hash of a table: half of them stay empty. */
const slotsPerHash = 2;

/** Every column has the same number of events. */
export function packValues(values: EventValues): Uint8Array {
  const count = values.lineHashes.length;
  const columns = hashColumns.map((name) => tabulate(values[name]));
  const size = columns.reduce((sum, { table, width }) => sum + 4 + 8 * table.length + width * count, 1);
  const bytes = new Uint8Array(size + count * (2 + shapeBytes));
  const view = new DataView(bytes.buffer);
  bytes[0] = form;
  let offset = 1;
  for (const { table, places, width } of columns) {
    view.setUint32(offset, table.length, true);
    offset += 4;
    for (const hash of table) {
      view.setFloat64(offset, hash, true);
      offset += 8;
    }
    for (let row = 0; row < count; row++, offset += width) {
      const place = places[row] ?? 0;
      if (width === 1) bytes[offset] = place;
      else if (width === 2) view.setUint16(offset, place, true);
      else view.setUint32(offset, place, true);
    }
  }
  for (const name of byteColumns) {
    bytes.set(values[name], offset);
    offset += values[name].length;
  }
  return bytes;
}

/** Puts events `from` to `to` of a packed block of `count` into `into`, from its row `row` on. */
export function unpackValues(
  bytes: Uint8Array,
  count: number,
  { from, to }: { from: number; to: number },
  into: EventValues,
  row: number,
): void {
  if (bytes[0] !== form) throw new Error(`Values of events are kept in the unknown form ${bytes[0]}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 1;
  for (const name of hashColumns) {
    const size = view.getUint32(offset, true);
    const tableAt = offset + 4;
    const width = widthOf(size);
    const placesAt = tableAt + 8 * size;
    const column = into[name];
    for (let index = from; index < to; index++) {
      const at = placesAt + index * width;
      const place = width === 1 ? (bytes[at] ?? 0) : width === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
      column[row + index - from] = view.getFloat64(tableAt + 8 * place, true);
    }
    offset = placesAt + width * count;
  }
  for (const name of byteColumns) {
    const width = name === 'shapes' ? shapeBytes : 1;
    into[name].set(bytes.subarray(offset + from * width, offset + to * width), row * width);
    offset += width * count;
  }
  if (offset !== bytes.length)
    throw new Error(`Values of ${count} events take ${bytes.length} bytes instead of ${offset}.`);
}

function widthOf(tableSize: number): 1 | 2 | 4 {
  return tableSize <= 0x100 ? 1 : tableSize <= 0x1_0000 ? 2 : 4;
}

/** The distinct hashes in the order in which they come, and the place of each row's. */
function tabulate(hashes: Float64Array): { table: Float64Array; places: Uint32Array; width: 1 | 2 | 4 } {
  const count = hashes.length;
  const lastSlot = 2 ** Math.ceil(Math.log2(slotsPerHash * count + 1)) - 1;
  /** One more than the place of the hash in the table. */
  const slots = new Uint32Array(lastSlot + 1);
  const words = new Uint32Array(hashes.buffer, hashes.byteOffset, 2 * count);
  const table = new Float64Array(count);
  const places = new Uint32Array(count);
  let size = 0;
  for (let row = 0; row < count; row++) {
    const hash = hashes[row] ?? 0;
    const mixed = Math.imul((words[2 * row] ?? 0) ^ Math.imul(words[2 * row + 1] ?? 0, 0x9e37_79b1), 0x85eb_ca6b);
    let slot = (mixed ^ (mixed >>> 15)) & lastSlot;
    let next = slots[slot] ?? 0;
    while (next > 0 && table[next - 1] !== hash) {
      slot = (slot + 1) & lastSlot;
      next = slots[slot] ?? 0;
    }
    if (next === 0) {
      table[size] = hash;
      next = ++size;
      slots[slot] = next;
    }
    places[row] = next - 1;
  }
  return { table: table.subarray(0, size), places, width: widthOf(size) };
}
