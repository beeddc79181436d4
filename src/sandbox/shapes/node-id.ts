/** JSON as GitHub prints it. */
export type Shape = Readonly<Record<string, unknown>>;

/** GitHub's global id of a thing: its kind, and what looks like noise. */
export function nodeId(kind: string, id: number): string {
  return `${kind}_${Buffer.from(`sandbox:${id}`).toString("base64url")}`;
}

/** The number in a global id of this kind; undefined for anything else. */
export function readNodeId(kind: string, text: string): number | undefined {
  const id = Number(
    Buffer.from(text.slice(kind.length + 1), "base64url")
      .toString("utf8")
      .slice("sandbox:".length),
  );
  return Number.isSafeInteger(id) && nodeId(kind, id) === text ? id : undefined;
}
