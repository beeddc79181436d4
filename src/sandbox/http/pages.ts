import { findRepository } from "../world/index.ts";
import type { Answer } from "./answer.ts";
import type { Call } from "./call.ts";

const MOST = 100;
const STANDARD = 30;

/** The page of a list that a request asks for (30 items unless told otherwise, 100 at most), with the links around it. */
export function pageOf<T>(call: Call, all: readonly T[]): { items: readonly T[]; headers: Record<string, string> } {
  const size = Math.min(MOST, readNumber(call.query.get("per_page")) ?? STANDARD);
  const page = readNumber(call.query.get("page")) ?? 1;
  const last = Math.max(1, Math.ceil(all.length / size));
  const links = [
    ...(page > 1 ? [linkTo(call, page - 1, "prev")] : []),
    ...(page < last ? [linkTo(call, page + 1, "next"), linkTo(call, last, "last")] : []),
    ...(page > 1 ? [linkTo(call, 1, "first")] : []),
  ];
  return {
    items: all.slice((page - 1) * size, page * size),
    headers: links.length === 0 ? {} : { link: links.join(", ") },
  };
}

/** A page of a list, each item shown by `shape`. */
export function listAnswer<T>(call: Call, all: readonly T[], shape: (item: T) => unknown): Answer {
  const { items, headers } = pageOf(call, all);
  return { status: 200, body: items.map(shape), headers };
}

function readNumber(text: string | null): number | undefined {
  const value = Number(text);
  return text !== null && Number.isInteger(value) && value > 0 ? value : undefined;
}

/** GitHub names the repository by its id here: a client that builds the next address itself fails. */
function linkTo(call: Call, page: number, relation: string): string {
  const found = findRepository(call.world, call.parameters["owner"] ?? "", call.parameters["repo"] ?? "");
  const [, , , , ...rest] = call.path.split("/");
  const path = found === undefined ? call.path : ["/repositories", found.repository.id, ...rest].join("/");
  const query = new URLSearchParams(call.query);
  query.set("page", String(page));
  return `<${call.world.addresses.api}${path}?${query.toString()}>; rel="${relation}"`;
}
