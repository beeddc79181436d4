import { z } from "zod";
import { Fault } from "../model/index.ts";
import { parseAnswer } from "./parse-answer.ts";
import type { Answer } from "./send-request.ts";

/** What a list holds: its entries at the top, or under a key. */
export interface PageList<T> {
  readonly entry: z.ZodType<T>;
  readonly under?: string;
  /** Ends the list early: nothing after this entry is of interest. */
  readonly isEnd?: (entry: T) => boolean;
  readonly mostPages?: number;
}

/** 10,000 entries. A list that goes on is a Fault: half a list must never look like a whole one (T24). */
export const MOST_PAGES = 100;

type Exchange = (request: { route: string; parameters: Readonly<Record<string, unknown>> }) => Promise<Answer>;

/**
 * All pages of a list, 100 entries each, by the `next` links that GitHub sends: of a link only its query counts, the
 * address stays ours.
 */
export async function readPages<T>(
  route: string,
  parameters: Readonly<Record<string, unknown>>,
  { entry, under, isEnd, mostPages = MOST_PAGES }: PageList<T>,
  exchange: Exchange,
): Promise<readonly T[]> {
  const schema: z.ZodType = under === undefined ? z.array(entry) : z.object({ [under]: z.array(entry) });
  const all: T[] = [];
  let asked: Readonly<Record<string, unknown>> = { ...parameters, per_page: 100 };
  for (let page = 1; page <= mostPages; page++) {
    const answer = await exchange({ route, parameters: asked });
    const parsed = parseAnswer(route, schema, answer.body);
    const entries = (under === undefined ? parsed : (parsed as Record<string, unknown>)[under]) as readonly T[];
    const end = isEnd === undefined ? -1 : entries.findIndex(isEnd);
    all.push(...(end < 0 ? entries : entries.slice(0, end)));
    const next = end < 0 ? nextQuery(answer.headers["link"]) : undefined;
    if (next === undefined) return all;
    asked = { ...asked, ...next };
  }
  throw new Fault(`${route} has more than ${mostPages} pages`);
}

/** The query of the link to the next page; GitHub pages some lists by number and some by cursor. */
function nextQuery(link: string | undefined): Record<string, string> | undefined {
  const address = /<([^<>]{1,4000})>\s*;[^,]{0,200}\brel="next"/u.exec(link ?? "")?.[1];
  if (address === undefined || !URL.canParse(address)) return undefined;
  return Object.fromEntries(
    [...new URL(address).searchParams].filter(([name]) =>
      /^(?:page|cursor|after|before|since_id|per_page)$/u.test(name),
    ),
  );
}
