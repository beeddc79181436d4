/** One answer of `git cat-file --batch-command`. */
export type BatchAnswer =
  | {
      readonly kind: "object";
      readonly id: string;
      readonly type: string;
      readonly size: number;
      readonly content: Buffer;
    }
  | { readonly kind: "info"; readonly id: string; readonly type: string; readonly size: number }
  /** The object is larger than the bound; its content was passed over. */
  | { readonly kind: "too-large"; readonly id: string; readonly size: number }
  | { readonly kind: "missing" };

export interface BatchReader {
  /** Takes the next bytes that git printed. */
  push(chunk: Buffer): void;
}

interface Body {
  readonly id: string;
  readonly type: string;
  readonly size: number;
  /** Undefined while an object that is too large is passed over. */
  readonly content: Buffer | undefined;
  read: number;
}

const LINE_FEED = 0x0a;

/**
 * Takes answers out of the stream in the order of the requests. `expectsContent` says for the next answer whether it
 * was asked with `contents` (else `info`); `onAnswer` is called once for each. An object's bytes are copied out of the
 * stream, so that a small object does not keep a large chunk alive.
 */
export function createBatchReader(
  expectsContent: () => boolean,
  maxObjectBytes: number,
  onAnswer: (answer: BatchAnswer) => void,
): BatchReader {
  let header: Buffer = Buffer.alloc(0);
  let body: Body | undefined;

  const readHeader = (chunk: Buffer, at: number): number => {
    const end = chunk.indexOf(LINE_FEED, at);
    header = Buffer.concat([header, chunk.subarray(at, end < 0 ? chunk.length : end)]);
    if (end < 0) return chunk.length;
    const answer = parseHeader(header.toString("utf8"));
    header = Buffer.alloc(0);
    if (answer.kind !== "info" || !expectsContent()) onAnswer(answer);
    else {
      const { id, type, size } = answer;
      body = { id, type, size, content: size > maxObjectBytes ? undefined : Buffer.allocUnsafeSlow(size), read: 0 };
    }
    return end + 1;
  };

  /** The content, then one line feed. */
  const readBody = (current: Body, chunk: Buffer, at: number): number => {
    const taken = Math.min(chunk.length - at, current.size - current.read);
    if (current.content !== undefined) chunk.copy(current.content, current.read, at, at + taken);
    current.read += taken;
    if (current.read < current.size || at + taken >= chunk.length) return at + taken;
    body = undefined;
    const { id, type, size, content } = current;
    onAnswer(content === undefined ? { kind: "too-large", id, size } : { kind: "object", id, type, size, content });
    return at + taken + 1;
  };

  return {
    push: (chunk) => {
      for (let at = 0; at < chunk.length;) at = body === undefined ? readHeader(chunk, at) : readBody(body, chunk, at);
    },
  };
}

/** `<id> <type> <size>`; `<what was asked> missing` and `… ambiguous` mean that there is no such object. */
function parseHeader(line: string): BatchAnswer {
  const [, id, type, size] = /^([0-9a-f]{40,64}) ([a-z]+) (\d+)$/u.exec(line) ?? [];
  if (id === undefined || type === undefined) return { kind: "missing" };
  return { kind: "info", id, type, size: Number(size) };
}
