import type { Manifest } from "../model/index.ts";
import type { AppJudge } from "./app-judge.ts";
import type { JudgedSide } from "./compare-crd-sources.ts";
import type { AppRecord } from "./snapshot.ts";
import { recordOf, type Survey } from "./survey.ts";

/** One side of a check, with what it brings for judging by policies. */
export interface PolicySide extends JudgedSide {
  /** The manifests of its apps that bring policies of the API server. They are opened when first asked for, once. */
  readonly readHolders: () => Promise<readonly Manifest[]>;
}

export interface PolicySides {
  readonly base: PolicySide;
  readonly head: PolicySide;
}

export function openSides(
  { base, head }: { readonly base: Survey; readonly head: Survey },
  judge: Pick<AppJudge, "open">,
): PolicySides {
  const removedCrds = new Set([...base.crds.keys()].filter((key) => !head.crds.has(key)));
  const open = (survey: Survey, removed: ReadonlySet<string>): PolicySide => {
    const { tree, crds } = survey;
    const side: JudgedSide = { survey, facts: { tree, crds, removedCrds: removed } };
    let read: Promise<readonly Manifest[]> | undefined;
    return { ...side, readHolders: () => (read ??= openHolders(side, judge)) };
  };
  return { base: open(base, new Set()), head: open(head, removedCrds) };
}

/** The apps of one tree that bring policies of the API server, by id. */
export function holdersOf(survey: Survey): readonly AppRecord[] {
  const ids = new Set([...survey.snapshot.policyHolders, ...survey.changed.keys()]);
  return [...ids].sort().flatMap((id) => {
    const record = recordOf(survey, id);
    return record?.holdsPolicies === true ? [record] : [];
  });
}

async function openHolders({ survey, facts }: JudgedSide, judge: Pick<AppJudge, "open">): Promise<readonly Manifest[]> {
  const manifests: Manifest[] = [];
  for (const record of holdersOf(survey)) {
    const { rendering } = await judge.open(record, facts);
    if (rendering.kind === "rendered") manifests.push(...rendering.manifests);
  }
  return manifests;
}
