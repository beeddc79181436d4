import type { Outgoing } from "../model/index.ts";
import type { GitHubRepository, OutgoingItem } from "./ports.ts";
import type { JobServices } from "./services.ts";
import { beginAttempt, type Spend } from "./spend.ts";

type CommentOutgoing = Extract<Outgoing, { kind: "comment" }>;

/** What a sticky comment turns into when there is nothing to say any more: taking it away would hide that it was there. */
const NOTHING = "Nothing that deploys changes any more.";

/** Makes one comment stand: the sticky one, or a continuation, which goes when it is no longer needed. */
export async function publishComment(
  item: OutgoingItem,
  { number, index, body }: CommentOutgoing,
  spend: Spend,
  services: JobServices,
): Promise<void> {
  const api = services.github.repository(item.repository);
  const remoteId = await findComment(item, number, api);
  if (body === "" && (remoteId === undefined || index > 0)) {
    if (remoteId !== undefined) {
      await spend(false);
      await api.deleteComment(remoteId);
    }
    await services.records.markPublished(item, {}, true);
    return;
  }
  const text = `${body === "" ? NOTHING : body}\n\n${mark(item)}`;
  await services.records.markPublished(
    item,
    { remoteId: await put(item, number, remoteId, text, spend, services) },
    true,
  );
}

/** Edits the comment that is known, or posts one; one that somebody deleted is posted again. */
export async function put(
  item: OutgoingItem,
  number: number,
  remoteId: number | undefined,
  text: string,
  spend: Spend,
  { github, records }: JobServices,
): Promise<number> {
  const api = github.repository(item.repository);
  if (remoteId !== undefined) {
    await spend(false);
    if (await api.updateComment(remoteId, text)) return remoteId;
  }
  await beginAttempt(item, true, spend, records);
  return api.createComment(number, text);
}

/**
 * The id that was stored. Only when a request's fate is unknown are the App's own comments (by App id, T46) searched
 * for the mark, which tells them apart from each other and from nothing else.
 */
export async function findComment(
  item: OutgoingItem,
  number: number,
  api: GitHubRepository,
): Promise<number | undefined> {
  if (item.published?.remoteId !== undefined || !item.isUncertain) return item.published?.remoteId;
  const own = await api.findOwnComments(number);
  return own.find(({ text }) => text.trimEnd().endsWith(mark(item)))?.id;
}

export function mark({ id }: OutgoingItem): string {
  return `<!-- drydock ${id} -->`;
}
