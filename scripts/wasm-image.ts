/** The numbers of the sections of a WASM module that are read or rewritten here. */
const SECTION = { type: 1, import: 2, function: 3, memory: 5, global: 6, export: 7, code: 10, data: 11, dataCount: 12 };
const HEADER_BYTES = 8;
const PAGE_BYTES = 65_536;
/** Zeros in a row that are worth a new data segment, which costs about eight bytes. V8 takes 100,000 segments. */
const GAP_BYTES = 1024;
const OPCODE = { i32: 0x41, i64: 0x42, end: 0x0b };
const FUNCTION_EXPORT = 0;

/** A running program's state: its memory, and its variables in the order of their indexes. */
export interface ProgramState {
  readonly memory: Uint8Array;
  readonly globals: readonly (number | bigint)[];
}

/** Fails to rewrite a module that is not as Go 1.26 links it. */
export class ImageError extends Error {}

type Sections = Map<number, Uint8Array>;

/**
 * Makes a module that starts in the state of a program that has run already: its memory is the module's data, its
 * variables have the values they had, and `_initialize` does nothing. Starting Go and filling its tables is the
 * slowest part of a short run, and gives the same each time. The memory may grow to `maximumPages`.
 */
export function bakeState(wasm: Uint8Array, state: ProgramState, maximumPages: number): Uint8Array {
  const order: number[] = [];
  const sections: Sections = new Map();
  for (const { id, body } of readSections(wasm)) {
    // Custom sections only name things.
    if (id === 0) continue;
    order.push(id);
    sections.set(id, body);
  }
  if (sections.has(SECTION.dataCount)) throw new ImageError("the module counts its data segments");
  const pages = state.memory.length / PAGE_BYTES;
  sections.set(SECTION.memory, limits(pages, maximumPages));
  sections.set(SECTION.global, writeGlobals(get(sections, SECTION.global), state.globals));
  addEmptyInitialize(sections);
  sections.set(SECTION.data, writeData(state.memory));
  const parts = order.map((id) => {
    const body = get(sections, id);
    return Buffer.concat([Buffer.from([id]), unsigned(body.length), body]);
  });
  return Buffer.concat([wasm.subarray(0, HEADER_BYTES), ...parts]);
}

function readSections(wasm: Uint8Array): { readonly id: number; readonly body: Uint8Array }[] {
  const reader = new Reader(wasm, HEADER_BYTES);
  const sections = [];
  while (!reader.isAtEnd()) {
    const id = reader.byte();
    sections.push({ id, body: reader.bytes(reader.unsigned()) });
  }
  return sections;
}

function get(sections: Sections, id: number): Uint8Array {
  const body = sections.get(id);
  if (body === undefined) throw new ImageError(`the module has no section ${id}`);
  return body;
}

/** One memory with a maximum. */
function limits(pages: number, maximumPages: number): Uint8Array {
  if (pages > maximumPages) throw new ImageError("the module starts with more memory than it may have");
  return Buffer.concat([Buffer.from([1, 1]), unsigned(pages), unsigned(maximumPages)]);
}

/** Values go to the variables that can change, in their order. */
function writeGlobals(section: Uint8Array, values: readonly (number | bigint)[]): Uint8Array {
  const reader = new Reader(section);
  const count = reader.unsigned();
  const parts: Uint8Array[] = [unsigned(count)];
  let changed = 0;
  for (let index = 0; index < count; index++) {
    const start = reader.at;
    const head = reader.bytes(2);
    const opcode = reader.byte();
    reader.unsigned();
    if (reader.byte() !== OPCODE.end) throw new ImageError("a variable starts with more than a constant");
    const isMutable = head[1] === 1;
    if (!isMutable) {
      parts.push(section.subarray(start, reader.at));
      continue;
    }
    const value = values[changed++];
    if (value === undefined) throw new ImageError("the state lacks a variable");
    parts.push(Buffer.concat([head, Buffer.from([opcode]), signed(BigInt(value)), Buffer.from([OPCODE.end])]));
  }
  if (changed !== values.length) throw new ImageError("the state has more variables than the module");
  return Buffer.concat(parts);
}

/** Exports a new function without content as `_initialize`. */
function addEmptyInitialize(sections: Sections): void {
  const type = findEmptyType(get(sections, SECTION.type));
  const functions = new Reader(get(sections, SECTION.function));
  const functionCount = functions.unsigned();
  const code = new Reader(get(sections, SECTION.code));
  const codeCount = code.unsigned();
  const emptyBody = Buffer.from([2, 0, OPCODE.end]);
  sections.set(SECTION.function, Buffer.concat([unsigned(functionCount + 1), functions.rest(), unsigned(type)]));
  sections.set(SECTION.code, Buffer.concat([unsigned(codeCount + 1), code.rest(), emptyBody]));
  const index = countFunctionImports(get(sections, SECTION.import)) + functionCount;
  sections.set(SECTION.export, repointExport(get(sections, SECTION.export), "_initialize", index));
}

function findEmptyType(section: Uint8Array): number {
  const reader = new Reader(section);
  const count = reader.unsigned();
  for (let index = 0; index < count; index++) {
    reader.byte();
    const parameters = reader.bytes(reader.unsigned()).length;
    const results = reader.bytes(reader.unsigned()).length;
    if (parameters === 0 && results === 0) return index;
  }
  throw new ImageError("the module has no type for a function without parameters and results");
}

function countFunctionImports(section: Uint8Array): number {
  const reader = new Reader(section);
  const count = reader.unsigned();
  for (let index = 0; index < count; index++) {
    reader.bytes(reader.unsigned());
    reader.bytes(reader.unsigned());
    if (reader.byte() !== FUNCTION_EXPORT) throw new ImageError("the module imports more than functions");
    reader.unsigned();
  }
  return count;
}

function repointExport(section: Uint8Array, name: string, index: number): Uint8Array {
  const reader = new Reader(section);
  const count = reader.unsigned();
  for (let entry = 0; entry < count; entry++) {
    const found = Buffer.from(reader.bytes(reader.unsigned())).toString("utf8");
    reader.byte();
    const start = reader.at;
    reader.unsigned();
    if (found === name) {
      return Buffer.concat([section.subarray(0, start), unsigned(index), section.subarray(reader.at)]);
    }
  }
  throw new ImageError(`the module does not export ${name}`);
}

/** The memory as segments, without the zeros that fresh memory holds anyway. */
function writeData(memory: Uint8Array): Uint8Array {
  const segments: Uint8Array[] = [];
  for (const [start, end] of findFilled(memory)) {
    const head = [
      Buffer.from([0, OPCODE.i32]),
      signed(BigInt(start)),
      Buffer.from([OPCODE.end]),
      unsigned(end - start),
    ];
    segments.push(...head, memory.subarray(start, end));
  }
  return Buffer.concat([unsigned(segments.length / 5), ...segments]);
}

/** The stretches of memory that no gap of zeros interrupts. */
function findFilled(memory: Uint8Array): [start: number, end: number][] {
  const words = new BigUint64Array(memory.buffer, memory.byteOffset, memory.length / 8);
  const gapWords = GAP_BYTES / 8;
  const filled: [number, number][] = [];
  let start = -1;
  let last = 0;
  words.forEach((word, index) => {
    if (word === 0n) return;
    if (start >= 0 && index - last > gapWords) {
      filled.push([start * 8, (last + 1) * 8]);
      start = index;
    }
    if (start < 0) start = index;
    last = index;
  });
  if (start >= 0) filled.push([start * 8, (last + 1) * 8]);
  return filled;
}

class Reader {
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new ImageError("the module is cut off");
    return byte;
  }

  bytes(length: number): Uint8Array {
    this.at += length;
    if (this.at > this.#bytes.length) throw new ImageError("the module is cut off");
    return this.#bytes.subarray(this.at - length, this.at);
  }

  rest(): Uint8Array {
    return this.#bytes.subarray(this.at);
  }

  /** LEB128; of a signed number only the length counts here. */
  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }
}

function unsigned(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return Uint8Array.from([...bytes, value]);
}

function signed(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (;;) {
    const byte = Number(value & 0x7fn);
    value >>= 7n;
    const isDone = (value === 0n && (byte & 0x40) === 0) || (value === -1n && (byte & 0x40) !== 0);
    bytes.push(isDone ? byte : byte | 0x80);
    if (isDone) return Uint8Array.from(bytes);
  }
}
