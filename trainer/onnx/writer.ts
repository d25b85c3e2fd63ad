/**
 * @file ONNX models as bytes: a protobuf writer and the few ONNX messages we need (onnx.proto, IR version 9).
 * Knows nothing of shapes or operators' meaning; `graph.ts` builds what is written here.
 */

export type ElementType = 'float32' | 'uint8' | 'int8' | 'int32' | 'int64' | 'bool';
/** A number, or the name of a dimension that is known only when the model runs. */
export type Dim = number | string;
export type Attribute = number | string | readonly number[] | { float: number };

export type ValueInfo = { readonly name: string; readonly type: ElementType; readonly dims: readonly Dim[] };
/** Bytes of a file beside the model file: how a model is larger than the 2 GB of a protobuf message. */
export type FileRange = { fileName: string; offsetBytes: number; sizeBytes: number };
export type Initializer = { name: string; type: ElementType; dims: readonly number[]; data: Uint8Array | FileRange };
export type Node = {
  /** Of ONNX itself, or of ONNX Runtime's own operators: `com.microsoft.` and its name. */
  op: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
};
export type Model = {
  name: string;
  nodes: readonly Node[];
  initializers: readonly Initializer[];
  inputs: readonly ValueInfo[];
  outputs: readonly ValueInfo[];
};

export const opsetVersion = 20;
export const irVersion = 9;

const elementTypeCodes: Record<ElementType, number> = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9 };
const attributeTypeCodes = { float: 1, int: 2, string: 3, ints: 7 } as const;
const microsoftDomain = 'com.microsoft';
const microsoftVersion = 1;
/** TensorProto.DataLocation.EXTERNAL */
const externalLocation = 1;
const utf8 = new TextEncoder();

/** Protobuf wire format, growing. Integers are non-negative or 64-bit two's complement, as protobuf's int64 wants. */
class ProtoWriter {
  readonly #parts: Uint8Array[] = [];
  length = 0;

  int(field: number, value: number): this {
    this.#varint(BigInt(field << 3));
    this.#varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  float(field: number, value: number): this {
    this.#varint(BigInt((field << 3) | 5));
    return this.#push(new Uint8Array(Float32Array.of(value).buffer));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint(BigInt((field << 3) | 2));
    this.#varint(BigInt(value.length));
    return this.#push(value);
  }

  string(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value));
  }

  message(field: number, message: ProtoWriter): this {
    this.#varint(BigInt((field << 3) | 2));
    this.#varint(BigInt(message.length));
    for (const part of message.#parts) this.#push(part);
    return this;
  }

  finish(): Uint8Array {
    const result = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.#parts) {
      result.set(part, at);
      at += part.length;
    }
    return result;
  }

  #push(part: Uint8Array): this {
    this.#parts.push(part);
    this.length += part.length;
    return this;
  }

  #varint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.#push(Uint8Array.from(bytes));
  }
}

function writeAttribute(name: string, value: Attribute): ProtoWriter {
  const writer = new ProtoWriter().string(1, name);
  if (typeof value === 'number') return writer.int(3, value).int(20, attributeTypeCodes.int);
  if (typeof value === 'string') return writer.string(4, value).int(20, attributeTypeCodes.string);
  if ('float' in value) return writer.float(2, value.float).int(20, attributeTypeCodes.float);
  for (const item of value) writer.int(8, item);
  return writer.int(20, attributeTypeCodes.ints);
}

function writeNode(node: Node): ProtoWriter {
  const writer = new ProtoWriter();
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  if (isMicrosoft(node)) writer.string(4, node.op.slice(microsoftDomain.length + 1)).string(7, microsoftDomain);
  else writer.string(4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) writer.message(5, writeAttribute(name, value));
  return writer;
}

function isMicrosoft({ op }: Node): boolean {
  return op.startsWith(`${microsoftDomain}.`);
}

function writeInitializer(tensor: Initializer): ProtoWriter {
  const writer = new ProtoWriter();
  for (const dim of tensor.dims) writer.int(1, dim);
  writer.int(2, elementTypeCodes[tensor.type]).string(8, tensor.name);
  if (tensor.data instanceof Uint8Array) return writer.bytes(9, tensor.data);
  const { fileName, offsetBytes, sizeBytes } = tensor.data;
  for (const [key, value] of Object.entries({ location: fileName, offset: offsetBytes, length: sizeBytes }))
    writer.message(13, new ProtoWriter().string(1, key).string(2, String(value)));
  return writer.int(14, externalLocation);
}

function writeValueInfo(value: ValueInfo): ProtoWriter {
  const shape = new ProtoWriter();
  for (const dim of value.dims) {
    shape.message(1, typeof dim === 'number' ? new ProtoWriter().int(1, dim) : new ProtoWriter().string(2, dim));
  }
  const tensor = new ProtoWriter().int(1, elementTypeCodes[value.type]).message(2, shape);
  return new ProtoWriter().string(1, value.name).message(2, new ProtoWriter().message(1, tensor));
}

/** The bytes of a ModelProto. Initializer data is copied once. */
export function writeModel(model: Model): Uint8Array {
  const graph = new ProtoWriter();
  for (const node of model.nodes) graph.message(1, writeNode(node));
  graph.string(2, model.name);
  for (const tensor of model.initializers) graph.message(5, writeInitializer(tensor));
  for (const input of model.inputs) graph.message(11, writeValueInfo(input));
  for (const output of model.outputs) graph.message(12, writeValueInfo(output));
  const writer = new ProtoWriter()
    .int(1, irVersion)
    .string(2, 'surprisal')
    .message(7, graph)
    .message(8, new ProtoWriter().string(1, '').int(2, opsetVersion));
  if (model.nodes.some(isMicrosoft))
    writer.message(8, new ProtoWriter().string(1, microsoftDomain).int(2, microsoftVersion));
  return writer.finish();
}
