import type { RuleSet } from "../../config/index.ts";
import { digestContent } from "../../environments/index.ts";
import type {
  ContentDigests,
  EnvironmentChange,
  EnvironmentFacts,
  GivenApproval,
  RecordedWord,
} from "../../model/index.ts";
import type { RuledPlace } from "../decide-environments.ts";
import { isTakenBack, listLastWords, readReviews, withRecorded } from "../last-words.ts";
import type { JobServices } from "../services.ts";
import { askedApprovals } from "./asks-for-approvals.ts";
import { nameBuild } from "./name-build.ts";
import { renderApproved, treesOf } from "./render-approved.ts";

/**
 * Reviews and commands that approve, each with what it was given for. Whether a review still approves is what GitHub says
 * now; what it was given on is our own record of its submission, never what GitHub says of that later (T19).
 */
export async function gatherApprovals(
  changes: readonly EnvironmentChange[],
  rules: RuleSet,
  place: RuledPlace,
  services: JobServices,
): Promise<EnvironmentFacts["approvals"]> {
  if (askedApprovals(changes, rules).length === 0) return [];
  const { words, unseen } = await readStanding(place, services);
  const current = { digests: digestContent(changes), build: nameBuild(place.build, rules) };
  const contents = new Map<RecordedWord, ContentDigests>();
  const others: RecordedWord[] = [];
  for (const word of words) {
    const known = findContent(word, current, place);
    if (known === undefined) others.push(word);
    else contents.set(word, known);
  }
  const rendered = await renderApproved(others, { rules, build: current.build, place }, services);
  const approvals = words.map((word) => {
    const content = contents.get(word) ?? rendered.contents.get(word);
    return toApproval(word, content, content === undefined ? rendered.problems.get(word) : undefined);
  });
  return [...approvals, ...unseen];
}

interface Standing {
  readonly words: readonly RecordedWord[];
  /** Reviews that GitHub knows and Drydock has no record of. */
  readonly unseen: readonly GivenApproval[];
}

async function readStanding({ repository, pullRequest }: RuledPlace, services: JobServices): Promise<Standing> {
  const { records, github } = services;
  const listed = await readReviews(github.repository(repository), pullRequest);
  const recorded = await records.listWords(pullRequest);
  const last = listLastWords(withRecorded(listed, recorded));
  const ofReviews = recorded.filter(({ source }) => source === "review");
  const reviewed = [...last.values()].filter(({ state }) => state === "approved");
  const find = (id: number): RecordedWord | undefined => ofReviews.find(({ sourceId }) => sourceId === id);
  const words = reviewed.flatMap((review) => {
    const word = find(review.id);
    return word?.state === "approved" && word.actor.id === review.author?.id ? [word] : [];
  });
  const commanded = recorded.filter(
    (word) => word.source === "comment" && word.state === "approved" && !isTakenBack(last.get(word.actor.id), word),
  );
  const unseen = reviewed.flatMap(({ id, author, headSha }): GivenApproval[] => {
    if (author === undefined || find(id) !== undefined) return [];
    const given = { actor: author, environment: undefined, source: "review", sourceId: id, givenAt: 0 } as const;
    return [{ ...given, headSha: headSha ?? "", content: undefined, unknownBecause: UNSEEN }];
  });
  return { words: [...words, ...commanded], unseen };
}

const UNSEEN = "approved before Drydock saw it";

/** What a word was given for, where no trees have to be rendered again to know it. */
function findContent(
  { judged, place }: RecordedWord,
  current: { readonly digests: ContentDigests; readonly build: string },
  { pullRequest: { headSha, baseRef }, baseSha }: RuledPlace,
): ContentDigests | undefined {
  if (judged !== undefined) return judged.build === current.build ? judged.digests : undefined;
  // Given before anything was judged there: this is the first judgement of it. On another base, and be it an earlier
  // commit of the same branch, it may have been another change (T21).
  const isHere = place?.headSha === headSha && place.baseRef === baseRef && place.baseSha === baseSha;
  return isHere ? current.digests : undefined;
}

function toApproval(
  word: RecordedWord,
  content: ContentDigests | undefined,
  unknownBecause: string | undefined,
): GivenApproval {
  const { actor, environment, source, sourceId, givenAt } = word;
  const trees = treesOf(word);
  const base = trees && { ref: trees.baseRef, sha: trees.baseSha };
  return {
    actor,
    environment,
    source,
    sourceId,
    headSha: trees?.headSha ?? "",
    base,
    givenAt,
    content,
    unknownBecause,
  };
}
