import type { IncomingMessage } from "node:http";

export type BodyReading =
  | { readonly kind: "read"; readonly bytes: Buffer }
  | { readonly kind: "too-large" | "too-slow" | "no-room" | "broken-off" };

export interface BodyLimits {
  readonly bytes: number;
  /** From the first look at the body to its last byte. */
  readonly milliseconds: number;
}

/** How many bytes of bodies may be held at once, whoever sends them: nobody has shown a signature yet. */
export interface BodyRoom {
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export function createBodyRoom(most: number): BodyRoom {
  let taken = 0;
  return {
    take: (bytes) => {
      if (taken + bytes > most) return false;
      taken += bytes;
      return true;
    },
    give: (bytes) => {
      taken -= bytes;
    },
  };
}

/**
 * Reads a request's body within the limits and never holds more than they say. The bytes of a body that was read stay
 * taken from `room` until the caller gives them back. Never rejects.
 */
export async function readBody(incoming: IncomingMessage, limits: BodyLimits, room: BodyRoom): Promise<BodyReading> {
  if (Number(incoming.headers["content-length"] ?? 0) > limits.bytes) return { kind: "too-large" };
  return await new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let size = 0;
    const finish = (reading: BodyReading): void => {
      clearTimeout(timer);
      incoming.off("data", onData).off("end", onEnd).off("close", onClose);
      if (reading.kind !== "read") room.give(size);
      resolve(reading);
    };
    const onData = (piece: Buffer): void => {
      if (size + piece.length > limits.bytes) finish({ kind: "too-large" });
      else if (!room.take(piece.length)) finish({ kind: "no-room" });
      else {
        size += piece.length;
        pieces.push(piece);
      }
    };
    const onEnd = (): void => finish({ kind: "read", bytes: Buffer.concat(pieces, size) });
    const onClose = (): void => finish({ kind: "broken-off" });
    const timer = setTimeout(() => finish({ kind: "too-slow" }), limits.milliseconds);
    // An error is followed by "close"; without a listener it would end the process, later ones too.
    incoming.on("error", () => undefined);
    incoming.on("data", onData).on("end", onEnd).on("close", onClose);
    if (incoming.destroyed) onClose();
  });
}
