export type Json = Readonly<Record<string, unknown>>;

/** The opaque id that GraphQL knows a thing by. */
export function nodeId(kind: string, id: number): string {
  return `${kind}_${Buffer.from(String(id)).toString("base64url")}`;
}
