import type { FailureKind, Resolution } from "../model/index.ts";

/** The first byte of a reply to an engine's lookup (see the package comment of engines/abi). */
export const REPLY = { file: 0x66, directory: 0x64, link: 0x6c, absent: 0x61, error: 0x65 } as const;

const LFS_POINTER = "version https://git-lfs.github.com/spec/";
/** A pointer file is at most this long (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md). */
const LFS_POINTER_LIMIT = 1024;

/**
 * The reply to a lookup of `asked` that ended at `resolution`. `content` is the blob when it is a file. A path that
 * leads through symbolic links is answered with where it leads: the engine asks again there, so that relative paths
 * inside a linked folder count from the folder itself.
 */
export function encodeReply(asked: string, resolution: Resolution, content: Uint8Array | undefined): Uint8Array {
  switch (resolution.kind) {
    case "absent":
      return new Uint8Array([REPLY.absent]);
    case "submodule":
      return encodeError("submodule", `${quote(resolution.path)} is a git submodule, whose files are not here.`);
    case "broken-link":
      return encodeError(
        "outside-repository",
        `The symbolic link ${quote(resolution.path)} leads out of the repository or in a circle (to ${quote(resolution.target)}).`,
      );
    case "directory":
      if (resolution.path !== asked) return tag(REPLY.link, Buffer.from(resolution.path));
      return tag(REPLY.directory, Buffer.from(listEntries(resolution.entries)));
    case "file":
      if (resolution.path !== asked) return tag(REPLY.link, Buffer.from(resolution.path));
      return encodeFile(asked, content ?? new Uint8Array());
  }
}

export function encodeError(kind: FailureKind, message: string): Uint8Array {
  return tag(REPLY.error, Buffer.from(JSON.stringify({ kind, message })));
}

function encodeFile(path: string, content: Uint8Array): Uint8Array {
  if (!isLfsPointer(content)) return tag(REPLY.file, content);
  return encodeError(
    "lfs",
    `${quote(path)} is kept in Git LFS; the repository holds only a pointer to it, which is not followed.`,
  );
}

function isLfsPointer(content: Uint8Array): boolean {
  if (content.length > LFS_POINTER_LIMIT) return false;
  return Buffer.from(content.subarray(0, LFS_POINTER.length)).toString("latin1") === LFS_POINTER;
}

function listEntries(entries: readonly { readonly name: string; readonly kind: string }[]): string {
  return JSON.stringify(entries.map(({ name, kind }) => ({ name, kind })));
}

function tag(kind: number, content: Uint8Array): Uint8Array {
  const reply = new Uint8Array(content.length + 1);
  reply[0] = kind;
  reply.set(content, 1);
  return reply;
}

function quote(path: string): string {
  return JSON.stringify(path);
}
