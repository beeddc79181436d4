import type { z } from "zod";
import { Fault } from "../model/index.ts";

/** What GitHub answered, as the schema has it. A Fault that names the route and the place when it is otherwise. */
export function parseAnswer<T>(route: string, schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place =
    issue === undefined || issue.path.length === 0 ? "the whole" : issue.path.map(String).join(".").slice(0, 200);
  // A proxy's page or half an answer looks like this too: worth another try.
  throw new Fault(`GitHub's answer to ${route} has an unknown shape (${place}: ${issue?.code ?? "?"})`, {
    isRetryable: true,
  });
}
