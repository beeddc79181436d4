import type { Outgoing } from "../model/index.ts";
import type { OutgoingItem } from "./ports.ts";
import { findComment, mark, put } from "./publish-comment.ts";
import type { JobServices } from "./services.ts";
import type { Spend } from "./spend.ts";

type AnswerOutgoing = Extract<Outgoing, { kind: "reaction" | "answer" }>;

/** Reacts to a command, or answers it in a comment that later answers to the same person edit. */
export async function publishAnswer(
  item: OutgoingItem,
  outgoing: AnswerOutgoing,
  spend: Spend,
  services: JobServices,
): Promise<void> {
  const api = services.github.repository(item.repository);
  if (outgoing.kind === "reaction") {
    const { source = "comment", commentId, content } = outgoing;
    await spend(false);
    await api.react({ source, commentId }, content);
    await services.records.markPublished(item, {}, true);
    return;
  }
  const known = await findComment(item, outgoing.number, api);
  const text = `${outgoing.body}\n\n${mark(item)}`;
  await services.records.markPublished(
    item,
    { remoteId: await put(item, outgoing.number, known, text, spend, services) },
    true,
  );
}
