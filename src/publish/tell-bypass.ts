import { PUSH_CHECK_NAME, type Actor, type DesiredCheck } from "../model/index.ts";
import { code, prose } from "../report/markdown/inline.ts";
import { listPhrase } from "../report/phrase.ts";
import { writeTitle } from "./write-title.ts";

/** Environments that are named; the rest are counted. */
const NAMED = 10;

/** The check on a commit that was pushed into environments without a pull request, or that turned out to have one. */
export function checkPush(
  branch: string,
  found:
    | { readonly kind: "merged" }
    | { readonly kind: "unknown-rules"; readonly by: Actor | undefined }
    | {
        readonly kind: "pushed";
        readonly environments: readonly string[];
        readonly areRulesMoved: boolean;
        readonly by: Actor | undefined;
      },
): DesiredCheck {
  const common = { name: PUSH_CHECK_NAME, text: "", annotations: [], page: undefined } as const;
  if (found.kind === "merged") {
    const summary = "This came by a pull request after all; GitHub said so later.";
    return { ...common, state: "success", title: "Came by a pull request", summary };
  }
  const { plain, shown } = found.kind === "pushed" ? nameChanged(found) : { plain: UNKNOWN, shown: UNKNOWN };
  const who = found.by === undefined ? "Nobody was told who pushed it" : `${code(found.by.login, 80)} pushed it`;
  const areRulesMoved = found.kind === "pushed" && found.areRulesMoved;
  return {
    ...common,
    state: "failure",
    title: writeTitle(`Pushed without a pull request: changes ${plain}`),
    summary: [
      `This is on ${code(branch, 80)} without a pull request that was merged there, so no rule of environments was asked. ${found.kind === "pushed" ? "It changes" : "The rules are not known:"} ${shown}. ${who}.`,
      ...(areRulesMoved ? ["What comes after it is judged by the rules that it brought."] : []),
      "Nothing is undone by this. It is on record, and the next pull request is judged on top of it.",
    ].join("\n\n"),
  };
}

const UNKNOWN = "nobody knows what";

/** What a push changes, for a title and for a sentence. */
function nameChanged({
  environments,
  areRulesMoved,
}: {
  readonly environments: readonly string[];
  readonly areRulesMoved: boolean;
}): { readonly plain: string; readonly shown: string } {
  if (environments.length === 0 && !areRulesMoved) return { plain: "what is deployed", shown: "what is deployed" };
  const named = environments.slice(0, NAMED).map((name) => code(name, 80));
  const more = environments.length > NAMED ? [`${environments.length - NAMED} more`] : [];
  return {
    plain: listPhrase([...environments, ...(areRulesMoved ? ["the rules"] : [])], NAMED),
    shown: listPhrase([...named, ...more, ...(areRulesMoved ? ["the rules of environments"] : [])]),
  };
}

export interface MergeTold {
  readonly baseRef: string;
  readonly by: Actor | undefined;
  /** Environments that it changes. */
  readonly environments: readonly string[];
  /** What was wrong with the verdict that stood, in clauses; from Drydock itself, names in them are plain text. */
  readonly reasons: readonly string[];
  /** What judging it again as it was merged came to; undefined for a pass. */
  readonly again: string | undefined;
}

/** The one comment on a pull request that was merged although nothing current let it in. */
export function tellMerge({ baseRef, by, environments, reasons, again }: MergeTold): string {
  const where =
    environments.length === 0
      ? ""
      : `, which changes ${listPhrase(
          environments.map((name) => code(name, 80)),
          NAMED,
        )}`;
  const who = by === undefined ? "Merged" : `${code(by.login, 80)} merged this`;
  const isHarmless = again === undefined;
  return [
    isHarmless
      ? `${who} into ${code(baseRef, 80)}${where}, on a verdict that was out of date. Judged again as it was merged, every rule holds.`
      : `**${who} into ${code(baseRef, 80)}${where}, past the rules.** Judged again as it was merged: ${prose(again, 200)}`,
    reasons.map((reason) => `- ${prose(reason, 300)}`).join("\n"),
    "This is on record, and nothing is undone by it.",
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
