import { printDuration, type RuleSet } from "../config/index.ts";
import type { EnvironmentChange, EnvironmentFacts, PromotedItem, PromotionFacts, RuleResult } from "../model/index.ts";
import { tellUntracked } from "./list-untracked.ts";
import { writeMoment } from "./write-moment.ts";

/**
 * What enters an environment has to stand in the ones before it, on their base branches, for as long as they soak: judged
 * on content, whoever made the pull request and however. What has no counterpart there passes and is listed.
 */
export function judgePromotionOrder(facts: EnvironmentFacts, { environments }: RuleSet): readonly RuleResult[] {
  return facts.changes.flatMap((change) => {
    const rules = environments.find(({ name }) => name === change.environment);
    return (rules?.from ?? []).map((from) => {
      const known = facts.promotions.find((one) => one.environment === change.environment && one.from === from);
      const before = facts.changes.find(({ environment }) => environment === from);
      const result = judge({ change, from, known, before, soak: rules?.promotion.soak ?? 0, now: facts.now });
      // Between two branches whole files are promoted, so that nothing is outside.
      const isWhole = [rules, environments.find(({ name }) => name === from)].every((one) => one?.branch !== undefined);
      const outside = isWhole || result.state === "unknown" ? [] : tellUntracked(change);
      return { ...result, notes: [...result.notes, ...outside] };
    });
  });
}

interface Step {
  readonly change: EnvironmentChange;
  readonly from: string;
  readonly known: PromotionFacts | undefined;
  /** What this very pull request changes in the environment before. */
  readonly before: EnvironmentChange | undefined;
  readonly soak: number;
  readonly now: number;
}

type ItemState =
  | { readonly kind: "stands" }
  | { readonly kind: "free"; readonly why: string }
  | { readonly kind: "missing" }
  | { readonly kind: "soaks"; readonly until: number }
  | { readonly kind: "unseen" };

function judge(step: Step): RuleResult {
  const { change, from, known, before } = step;
  const result = { rule: "promotion-order", environment: change.environment } as const;
  if (known === undefined || known.problem !== undefined) {
    const why = known?.problem ?? "it was not looked at";
    return {
      ...{
        ...result,
        state: "unknown",
        says: `What stands in ${from} is not known: ${why}`,
        title: `what stands in ${from}`,
      },
      ...{ steps: [`Comment /drydock check once ${from} can be rendered.`], notes: [], changesAt: undefined },
    };
  }
  const items = known.items.map((item) => ({ item, state: stateOf(item, step, before) }));
  const missing = items.filter(({ state }) => state.kind === "missing");
  const unseen = items.filter(({ state }) => state.kind === "unseen");
  const ends = items.flatMap(({ state }) => (state.kind === "soaks" ? [state.until] : []));
  if (missing.length > 0 || unseen.length > 0) {
    return { ...result, ...tellMissing([...missing, ...unseen], items, step) };
  }
  const notes = items.flatMap((each) => describe(each, from));
  const until = ends.length === 0 ? undefined : Math.max(...ends);
  if (until !== undefined) {
    const when = writeMoment(until);
    return {
      ...{
        ...result,
        state: "waiting",
        says: `Soaks in ${from} until ${when}`,
        title: `soaks in ${from} until ${when}`,
      },
      ...{
        steps: [`Nobody has to do anything: it passes by itself, unless ${from} changes before.`],
        notes,
        changesAt: until,
      },
    };
  }
  const says =
    items.length === 0
      ? `Nothing that is tracked enters, so nothing has to stand in ${from} before`
      : `Stands in ${from}`;
  return { ...result, state: "passed", says, title: "", steps: [], notes, changesAt: undefined };
}

interface JudgedItem {
  readonly item: PromotedItem;
  readonly state: ItemState;
}

/** The first of those that are not there is told in the sentence, the others below. */
function tellMissing(
  [first]: readonly JudgedItem[],
  items: readonly JudgedItem[],
  { from, soak }: Step,
): Pick<RuleResult, "state" | "says" | "title" | "steps" | "notes" | "changesAt"> {
  const others = items.filter((each) => each !== first);
  return {
    state: "waiting",
    says: first === undefined ? "" : describeMissing(first, from),
    title: `${first === undefined ? "" : shorten(first.item)} in ${from} first`,
    steps: [`Bring it to ${from} first: this passes by itself once it has ${describeSoak(soak)}.`],
    notes: others.flatMap((each) => describe(each, from)),
    changesAt: undefined,
  };
}

function describeMissing({ item, state }: JudgedItem, from: string): string {
  const named = `${nameItem(item)}${item.what.startsWith("file ") ? "" : ` in ${item.app}`}`;
  if (state.kind === "unseen") return `${named} stands in ${from}, but since when is not known yet`;
  const other = item.what.startsWith("file ") ? "another" : (item.stands ?? "nothing");
  return `${named} does not stand in ${from}, which has ${other}`;
}

function describeSoak(soak: number): string {
  return soak === 0 ? "come there" : `stood there for ${printDuration(soak)}`;
}

/** Equal values count from when we saw them there: an image that came a moment ago has soaked for a moment. */
function stateOf(item: PromotedItem, { change, soak, now }: Step, before: EnvironmentChange | undefined): ItemState {
  if (item.counterpart === undefined) return { kind: "free", why: "has no counterpart" };
  if (item.stands === item.value) {
    if (item.since === undefined) return { kind: "unseen" };
    const until = item.since + soak;
    return until > now ? { kind: "soaks", until } : { kind: "stands" };
  }
  if (isShared(item, change, before)) return { kind: "free", why: "comes to both by the same files" };
  return item.stands === undefined ? { kind: "free", why: "has no counterpart" } : { kind: "missing" };
}

/**
 * Everything that changes the app changes its counterpart, and brings the equal value there: whether that may be is for
 * another rule to say.
 */
function isShared(
  { app, counterpart, arrives }: PromotedItem,
  { apps }: EnvironmentChange,
  before: EnvironmentChange | undefined,
): boolean {
  const causes = apps.find(({ id }) => id === app)?.causes ?? [];
  const elsewhere = new Set(before?.apps.find(({ id }) => id === counterpart)?.causes);
  return arrives && causes.length > 0 && causes.every((file) => elsewhere.has(file));
}

/** Files are told by their path: an object id says nothing to people. */
function nameItem({ what, value }: PromotedItem): string {
  return what.startsWith("file ") ? what : `${value} (${what})`;
}

/** What fits into a title: the last part of a path, the begin of a digest. */
function shorten({ what, value }: PromotedItem): string {
  const text = what.startsWith("file ") ? what.slice("file ".length) : value;
  const last = text.slice(text.lastIndexOf("/") + 1);
  return last.length > LONGEST_NAME ? `${last.slice(0, LONGEST_NAME - 1).toWellFormed()}…` : last;
}

/** Characters of a title that one name may take. */
const LONGEST_NAME = 20;

function describe({ item, state }: JudgedItem, from: string): readonly string[] {
  const named = `${nameItem(item)} in ${item.app}`;
  switch (state.kind) {
    case "stands":
      return [];
    case "free":
      return [`${named} ${state.why} in ${from}, and passes.`];
    case "missing":
    case "unseen":
      return [`${describeMissing({ item, state }, from)}.`];
    case "soaks":
      return [`${named} soaks in ${from} until ${writeMoment(state.until)}.`];
    default:
      return state satisfies never;
  }
}
