/**
 * @file NumPy's `.npy` arrays of numbers. Only whole numbers, floats and booleans are read; object arrays, which are pickles and may hold
 * code, are refused by their header. Format: numpy.lib.format, versions 1 to 3.
 */
import { AppError } from '../../shared/errors.ts';

export type NumberArray = { shape: number[]; /** In C order. */ data: Float64Array };

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
const largestHeaderBytes = 4096;
const mostDimensions = 8;

/** `name` is what errors call it. Throws BAD_INPUT for what is no array of numbers, or of more than `mostElements`. */
export function readNpy(bytes: Uint8Array, name: string, mostElements: number): NumberArray {
  const fail = (what: string): never => {
    throw new AppError('BAD_INPUT', `${name}: ${what}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) return fail('it is no NumPy array.');
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) return fail(`its format is version ${version}; 1 to 3 are read.`);
  const headerAt = version === 1 ? 10 : 12;
  const headerBytes = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (headerBytes > largestHeaderBytes || headerAt + headerBytes > bytes.length)
    return fail('its header is cut off or too long.');
  const header = new TextDecoder('latin1').decode(bytes.subarray(headerAt, headerAt + headerBytes));
  const { descr, isFortran, shape } = readHeader(header) ?? fail('its header is not what NumPy writes.');
  return numbersOf(bytes.subarray(headerAt + headerBytes), { descr, isFortran, shape, name, mostElements });
}

/** The elements of an array whose bytes come from elsewhere than a file of its own. Throws as `readNpy`. */
export function numbersOf(
  body: Uint8Array,
  array: { descr: string; isFortran: boolean; shape: readonly number[]; name: string; mostElements: number },
): NumberArray {
  const { descr, isFortran, shape, name, mostElements } = array;
  const type = readType(descr);
  if (typeof type === 'string') throw new AppError('BAD_INPUT', `${name}: ${type}`);
  const size = shape.reduce((product, n) => product * n, 1);
  if (shape.length > mostDimensions || size > mostElements)
    throw new AppError('BAD_INPUT', `${name}: it has ${shape.join(' × ')} elements; at most ${mostElements} are read.`);
  if (body.length !== size * type.sizeBytes)
    throw new AppError(
      'BAD_INPUT',
      `${name}: ${shape.join(' × ')} elements take ${size * type.sizeBytes} bytes, and there are ${body.length}.`,
    );
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const data = new Float64Array(size);
  for (let i = 0; i < size; i++) data[i] = type.read(view, i * type.sizeBytes);
  return { shape: [...shape], data: isFortran && shape.length > 1 ? inRowOrder(data, shape) : data };
}

type NumberType = { sizeBytes: number; read: (view: DataView, at: number) => number };

/** As `<i8`; a sentence for what is not read. */
function readType(descr: string): NumberType | string {
  const match = /^([<>=|]?)([biuf])([1248])$/.exec(descr);
  if (/^\|?O/.test(descr))
    return 'it is an array of Python objects, which may hold code; only arrays of numbers are read.';
  if (!match) return `its elements are of the type ${JSON.stringify(descr.slice(0, 40))}; only numbers are read.`;
  const [, order, kind = '', digits] = match;
  const isLittle = order !== '>';
  const sizeBytes = Number(digits);
  const readers: Record<string, NumberType['read']> = {
    b1: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
    i1: (view, at) => view.getInt8(at),
    u1: (view, at) => view.getUint8(at),
    i2: (view, at) => view.getInt16(at, isLittle),
    u2: (view, at) => view.getUint16(at, isLittle),
    i4: (view, at) => view.getInt32(at, isLittle),
    u4: (view, at) => view.getUint32(at, isLittle),
    i8: (view, at) => Number(view.getBigInt64(at, isLittle)),
    u8: (view, at) => Number(view.getBigUint64(at, isLittle)),
    f2: (view, at) => halfFloat(view.getUint16(at, isLittle)),
    f4: (view, at) => view.getFloat32(at, isLittle),
    f8: (view, at) => view.getFloat64(at, isLittle),
  };
  const read = readers[kind + digits];
  return read ? { sizeBytes, read } : `its elements are of the type ${descr}, which is not read.`;
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** From Fortran's order, where the first index moves fastest. */
function inRowOrder(data: Float64Array, shape: readonly number[]): Float64Array {
  const result = new Float64Array(data.length);
  const index = shape.map(() => 0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, n) => product * n, 1));
  for (let to = 0; to < data.length; to++) {
    result[to] = data[index.reduce((at, n, axis) => at + n * (strides[axis] ?? 0), 0)] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1;
      if ((index[axis] ?? 0) < (shape[axis] ?? 0)) break;
      index[axis] = 0;
    }
  }
  return result;
}

/** The one form that NumPy writes: a dictionary of these three keys, in any order. Undefined for anything else. */
function readHeader(header: string): { descr: string; isFortran: boolean; shape: number[] } | undefined {
  const match = /^\s*\{(.*)\}\s*$/s.exec(header);
  if (!match) return undefined;
  let rest = match[1] ?? '';
  const found = new Map<string, string>();
  while (rest.trim() !== '') {
    const entry =
      /^\s*'(descr|fortran_order|shape)'\s*:\s*('[^']{0,40}'|True|False|\([\d,\sL]{0,200}\)|\[.*\])\s*(?:,|$)/s.exec(
        rest,
      );
    if (!entry || found.has(entry[1] ?? '')) return undefined;
    found.set(entry[1] ?? '', entry[2] ?? '');
    rest = rest.slice(entry[0].length);
  }
  const [descr, order, dimensions] = [found.get('descr'), found.get('fortran_order'), found.get('shape')];
  if (descr === undefined || order === undefined || dimensions === undefined) return undefined;
  if (!/^(True|False)$/.test(order) || !dimensions.startsWith('(')) return undefined;
  const shape = (dimensions.match(/\d+/g) ?? []).map(Number);
  // A list names the fields of a record: it is refused by its name, as a type that is not read.
  return { descr: descr.startsWith("'") ? descr.slice(1, -1) : descr, isFortran: order === 'True', shape };
}
