import { z } from "zod";
import type { ServerFacts } from "./facts.ts";

const text = z.string().max(100_000);
/** A stored fault begins with its class, which tells people nothing. */
const fault = text.transform((words) => words.replace(/^\w*(?:Fault|Error): /u, ""));
const count = z.number().nonnegative();

export const overviewSchema: z.ZodType<ServerFacts> = z.object({
  publicUrl: z.url().optional(),
  webhookPath: text,
  database: z.enum(["PGlite", "PostgreSQL"]),
  queues: z.array(z.object({ queue: text, waiting: count, active: count })),
  oldestWaitingSeconds: count,
  outgoing: z.object({ pending: count, refused: count }),
});

/** What the server remembers of one pull request, lists newest first, times in ISO 8601. */
export const storySchema = z.object({
  state: z
    .object({
      isOpen: z.boolean(),
      isQuiet: z.boolean(),
      headSha: text.optional(),
      baseRef: text.optional(),
      reasons: z.array(text),
      waitingSince: text.optional(),
      accessLost: text.optional(),
    })
    .optional(),
  deliveries: z.array(
    z.object({
      id: text,
      event: text,
      action: text.optional(),
      receivedAt: text,
      problem: text.optional(),
    }),
  ),
  tasks: z.array(z.object({ queue: text, state: text, failures: count, notBefore: text, lastFault: fault.optional() })),
  outgoing: z.array(
    z.object({
      kind: text,
      slot: text,
      isPending: z.boolean(),
      refused: text.optional(),
      notBefore: text.optional(),
      wantedAt: text,
    }),
  ),
  results: z.array(z.object({ judgedAt: text, state: text, title: text, headSha: text, baseRef: text })),
  writesPausedUntil: text.optional(),
  troubles: z.array(z.object({ at: text, what: text, detail: z.unknown() })),
});

export type Story = z.output<typeof storySchema>;
