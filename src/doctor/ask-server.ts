import type { z } from "zod";
import type { ServerAnswer, ServerFacts } from "./facts.ts";
import { overviewSchema, storySchema, type Story } from "./server-answers.ts";
import { signQuestion } from "./sign-question.ts";

/** Where the running server answers, and what it is asked with. */
export interface ServerWay {
  /** METRICS_HOST: what it listens on, which may be every address. */
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface PullRequestName {
  readonly owner: string;
  readonly name: string;
  readonly number: number;
}

/** Milliseconds: the answer is one look into a database beside it. */
const PATIENCE = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** Asks the running server how it is. Never rejects. */
export async function askOverview(way: ServerWay): Promise<ServerAnswer<ServerFacts>> {
  const answer = await ask(way, "/doctor", overviewSchema);
  return answer === "absent" ? { kind: "stranger", address: addressOf(way) } : answer;
}

/** Asks it for all that it remembers of a pull request; the value is undefined when it knows no such repository. */
export async function askStory(way: ServerWay, pull: PullRequestName): Promise<ServerAnswer<Story | undefined>> {
  const query = new URLSearchParams({ owner: pull.owner, name: pull.name, number: String(pull.number) });
  const answer = await ask(way, `/doctor/pull?${query.toString()}`, storySchema);
  return answer === "absent" ? { kind: "answered", value: undefined } : answer;
}

export function addressOf({ host, port }: ServerWay): string {
  const isAll = host === "0.0.0.0" || host === "::";
  const reached = isAll ? (host === "::" ? "::1" : "127.0.0.1") : host;
  return `http://${reached.includes(":") ? `[${reached}]` : reached}:${port}`;
}

/** Asks the running server for a target (path with query). Never rejects. */
export async function ask<T>(
  way: ServerWay,
  target: string,
  schema: z.ZodType<T>,
  method: "GET" | "POST" = "GET",
): Promise<ServerAnswer<T> | "absent"> {
  const address = addressOf(way);
  const answer = await request(`${address}${target}`, method, signQuestion(way.secret, target, way.now()));
  if (answer === undefined) return { kind: "away", address };
  const { status, body } = answer;
  if (status === 401) return { kind: "refused", address };
  if (status === 404 && body === '{"known":false}') return "absent";
  if (status === 500 || status === 503) return { kind: "failed", address };
  const parsed = status === 200 ? schema.safeParse(parseJson(body)) : undefined;
  return parsed?.success === true ? { kind: "answered", value: parsed.data } : { kind: "stranger", address };
}

interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Undefined when nothing answers in time. */
async function request(url: string, method: string, authorization: string): Promise<HttpAnswer | undefined> {
  try {
    const answer = await fetch(url, {
      method,
      headers: { authorization },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    return { status: answer.status, body: await readBounded(answer) };
  } catch {
    return undefined;
  }
}

async function readBounded({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  if (body === null) return "";
  for await (const part of body as AsyncIterable<Uint8Array>) {
    size += part.byteLength;
    if (size > MOST_BYTES) return "";
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
