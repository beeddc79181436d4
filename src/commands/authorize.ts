import type { Role } from "../model/index.ts";
import type { CommandRight } from "./command-table.ts";

/** What counts when somebody asks for something. Read when it is asked, never remembered. */
export interface AskerFacts {
  readonly role: Role;
  readonly isAuthor: boolean;
}

export type Authorization = { readonly isAllowed: true } | { readonly isAllowed: false; readonly reason: string };

const WRITERS: ReadonlySet<Role> = new Set<Role>(["write", "maintain", "admin"]);

/** The one place that decides who may do what; commands, buttons and pages all come here. */
export function authorize(right: CommandRight, { role, isAuthor }: AskerFacts): Authorization {
  switch (right) {
    case "anyone":
      return { isAllowed: true };
    case "author-or-write":
      return isAuthor || WRITERS.has(role)
        ? { isAllowed: true }
        : { isAllowed: false, reason: "it takes the author, or write access to the repository" };
    case "approver":
      if (isAuthor) return { isAllowed: false, reason: "the author of a pull request does not approve it" };
      return WRITERS.has(role)
        ? { isAllowed: true }
        : { isAllowed: false, reason: "it takes write access to the repository" };
    default:
      return right satisfies never;
  }
}

/** Whether somebody keeps the repository: may let strangers' pull requests be checked. */
export function isMaintainer(role: Role): boolean {
  return WRITERS.has(role);
}
