const SECTION = { memory: 5, global: 6, export: 7 } as const;
const HEADER_SIZE = 8;
const GLOBAL_EXPORT = 3;
const MUTABLE = 1;
const END = 0x0b;

/** Under this prefix `exposeGlobals` exports a module's variables, followed by their index. */
export const GLOBAL_PREFIX = "global:";

/**
 * Adds exports for the mutable globals of a module, so that its whole state (memory and these) can be put back. Go
 * keeps the stack pointer in one: memory alone put back would leave it pointing into what is free again once the
 * stack has moved. Returns the bytes unchanged when there are none or they are exported already. Fails with a
 * TypeError on something that is no WASM module.
 */
export function exposeGlobals(bytes: Uint8Array): Uint8Array {
  const sections = readSections(bytes);
  const globals = sections.find(({ id }) => id === SECTION.global);
  const exported = sections.find(({ id }) => id === SECTION.export);
  if (globals === undefined || exported === undefined) return bytes;
  const indexes = findMutableGlobals(bytes.subarray(globals.start, globals.end));
  const body = bytes.subarray(exported.start, exported.end);
  if (indexes.length === 0 || Buffer.from(body).includes(GLOBAL_PREFIX)) return bytes;
  const count = readUnsigned(body, 0);
  const entries = indexes.map((index) => {
    const name = Buffer.from(`${GLOBAL_PREFIX}${index}`);
    return Buffer.concat([writeUnsigned(name.length), name, Buffer.from([GLOBAL_EXPORT]), writeUnsigned(index)]);
  });
  const section = Buffer.concat([writeUnsigned(count.value + entries.length), body.subarray(count.next), ...entries]);
  return Buffer.concat([
    bytes.subarray(0, exported.header),
    Buffer.from([SECTION.export]),
    writeUnsigned(section.length),
    section,
    bytes.subarray(exported.end),
  ]);
}

interface Section {
  readonly id: number;
  /** Where the section's id stands, where its content starts, and where it ends. */
  readonly header: number;
  readonly start: number;
  readonly end: number;
}

function readSections(bytes: Uint8Array): Section[] {
  if (Buffer.from(bytes.subarray(0, 4)).toString("latin1") !== "\0asm") throw new TypeError("this is no WASM module");
  const sections: Section[] = [];
  let at = HEADER_SIZE;
  while (at < bytes.length) {
    const size = readUnsigned(bytes, at + 1);
    const end = size.next + size.value;
    if (end > bytes.length) throw new TypeError("the WASM module ends early");
    sections.push({ id: byteAt(bytes, at), header: at, start: size.next, end });
    at = end;
  }
  return sections;
}

/** Go initialises each global with one constant (`i32.const` or `i64.const`), which is all that is read here. */
function findMutableGlobals(section: Uint8Array): number[] {
  const count = readUnsigned(section, 0);
  const indexes: number[] = [];
  let at = count.next;
  for (let index = 0; index < count.value; index++) {
    if (byteAt(section, at + 1) === MUTABLE) indexes.push(index);
    at = readUnsigned(section, at + 3).next;
    if (byteAt(section, at) !== END) throw new TypeError("a global has an initial value of another kind");
    at += 1;
  }
  return indexes;
}

/** LEB128; a signed constant is skipped with it as well, because only its length matters. */
function readUnsigned(bytes: Uint8Array, start: number): { readonly value: number; readonly next: number } {
  let value = 0;
  let at = start;
  for (let scale = 1; ; scale *= 128) {
    const byte = byteAt(bytes, at);
    value += (byte & 0x7f) * scale;
    at += 1;
    if (byte < 0x80) return { value, next: at };
  }
}

function writeUnsigned(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest > 0);
  return Buffer.from(bytes);
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new TypeError("the WASM module ends early");
  return byte;
}
