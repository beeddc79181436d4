import type { RuleSet } from "../../config/index.ts";
import { digestContent, listChanges } from "../../environments/index.ts";
import { Fault, LimitedFault, type ContentDigests, type JudgedContent, type RecordedWord } from "../../model/index.ts";
import type { RuledPlace } from "../decide-environments.ts";
import { findOrganization } from "../find-organization.ts";
import type { JobServices } from "../services.ts";

/** What words were given for, found out by rendering their trees again; why not, for those where that did not do. */
export interface RenderedWords {
  readonly contents: ReadonlyMap<RecordedWord, ContentDigests>;
  /** Each a clause that follows a name. */
  readonly problems: ReadonlyMap<RecordedWord, string>;
}

/** Pairs of trees that one judgement renders again; words of further ones wait for the next. */
const MOST_RENDERED = 3;

/**
 * Renders what words were given for again, by the rules and the build of now, and keeps that with them. The newest words
 * first: an older one is the likelier to be outdated.
 */
export async function renderApproved(
  words: readonly RecordedWord[],
  settings: { readonly rules: RuleSet; readonly build: string; readonly place: RuledPlace },
  services: JobServices,
): Promise<RenderedWords> {
  const contents = new Map<RecordedWord, ContentDigests>();
  const problems = new Map<RecordedWord, string>();
  const newest = words.toSorted((left, right) => right.givenAt - left.givenAt);
  let rendered = 0;
  for (const same of Map.groupBy(newest, nameTrees).values()) {
    const trees = treesOf(same[0]);
    if (trees === undefined) {
      for (const word of same) problems.set(word, "approved before Drydock saw it");
      continue;
    }
    if ((rendered += 1) > MOST_RENDERED) {
      for (const word of same) problems.set(word, "approved too many pushes ago");
      continue;
    }
    const judged = await render(trees, settings, services);
    for (const word of same) {
      if (judged === undefined) problems.set(word, "approved a commit that cannot be rendered again");
      else contents.set(word, judged.digests);
    }
    if (judged !== undefined) {
      await services.records.bindWords(
        settings.place.pullRequest,
        same.map(({ source, sourceId }) => ({ source, sourceId, judged })),
      );
    }
  }
  return { contents, problems };
}

interface ApprovedTrees {
  readonly headSha: string;
  readonly baseRef: string;
  readonly baseSha: string;
}

/** The base that was judged at the time, where that is known. */
export function treesOf(word: RecordedWord | undefined): ApprovedTrees | undefined {
  const { place, judged } = word ?? {};
  return place && { ...place, baseSha: judged?.baseSha ?? place.baseSha };
}

function nameTrees(word: RecordedWord): string {
  const trees = treesOf(word);
  return JSON.stringify(trees === undefined ? [] : [trees.headSha, trees.baseRef, trees.baseSha]);
}

/** Undefined when it cannot be done now: what was approved is not known then, which counts for nothing. */
async function render(
  trees: ApprovedTrees,
  { rules, build, place }: Parameters<typeof renderApproved>[1],
  services: JobServices,
): Promise<JudgedContent | undefined> {
  const { repository, pullRequest } = place;
  try {
    const { report } = await services.checker.check({
      ...{ repository, ...trees, headRef: pullRequest.headRef, isMerge: true, rulesSha: undefined },
      organization: await findOrganization(repository, services),
    });
    return { digests: digestContent(listChanges(report, rules, trees.baseRef)), build, baseSha: trees.baseSha };
  } catch (fault) {
    if (!(fault instanceof Fault) || fault instanceof LimitedFault) throw fault;
    services.log.warn({ repository: repository.repositoryId, number: pullRequest.number }, "an approved tree is gone");
    return undefined;
  }
}
