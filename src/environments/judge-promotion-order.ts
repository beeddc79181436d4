import type { RuleSet } from "../config/index.ts";
import type { EnvironmentChange, EnvironmentFacts, PromotedItem, PromotionFacts, RuleResult } from "../model/index.ts";

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
      return judge({ change, from, known, before, soak: rules?.promotion.soak ?? 0, now: facts.now });
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
  const notes = [
    ...items.flatMap((each) => describe(each, from)),
    ...(items.length === 0 ? ["Nothing that is tracked changes, so there is nothing to promote."] : []),
  ];
  if (missing.length > 0 || unseen.length > 0) {
    const [first] = [...missing, ...unseen];
    const named = first === undefined ? "" : nameItem(first.item);
    return {
      ...{
        ...result,
        state: "waiting",
        says: `${named} does not stand in ${from}`,
        title: `${first === undefined ? "" : shorten(first.item)} in ${from} first`,
      },
      ...{ steps: [`Bring it to ${from} first.`], notes, changesAt: undefined },
    };
  }
  const until = ends.length === 0 ? undefined : Math.max(...ends);
  if (until !== undefined) {
    const when = new Date(until).toISOString();
    return {
      ...{
        ...result,
        state: "waiting",
        says: `Soaks in ${from} until ${when}`,
        title: `soaks in ${from} until ${when.slice(0, 16)}Z`,
      },
      ...{ steps: [], notes, changesAt: until },
    };
  }
  return { ...result, state: "passed", says: `Stands in ${from}`, title: "", steps: [], notes, changesAt: undefined };
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

function describe(
  { item, state }: { readonly item: PromotedItem; readonly state: ItemState },
  from: string,
): readonly string[] {
  const named = `${item.app}: ${nameItem(item)}`;
  switch (state.kind) {
    case "stands":
      return [];
    case "free":
      return [`${named} ${state.why} in ${from}, and passes.`];
    case "missing":
      return [
        `${named} is not in ${from}, which has ${item.what.startsWith("file ") ? "another" : (item.stands ?? "nothing")}.`,
      ];
    case "soaks":
      return [`${named} soaks in ${from} until ${new Date(state.until).toISOString()}.`];
    case "unseen":
      return [`${named} stands in ${from}, but since when is not known yet.`];
    default:
      return state satisfies never;
  }
}
