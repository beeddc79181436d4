import type { AppComparison } from "../judge/index.ts";
import type { AppId, JudgedFinding, ListKeys, ResourceId } from "../model/index.ts";
import type { AppJudge, SideFacts } from "./app-judge.ts";
import { compareApp, type RenderedSide } from "./compare-app.ts";
import { isCrdSource } from "./snapshot.ts";
import { findReadFiles, recordOf, type Survey } from "./survey.ts";

/** One side as it was surveyed, and as rules see it. */
export interface JudgedSide {
  readonly survey: Survey;
  readonly facts: SideFacts;
}

/**
 * What is wrong with schemas in files that no app reads, of one CRD source: nobody deploys them, so a fault is a warning,
 * but objects are judged by them. Everything else in such files is nobody's. Undefined when the change does not touch it.
 */
export async function compareCrdSource(
  id: AppId,
  base: JudgedSide,
  head: JudgedSide,
  { judge, listKeys, isAll }: { readonly judge: AppJudge; readonly listKeys: ListKeys; readonly isAll: boolean },
): Promise<AppComparison | undefined> {
  const after = recordOf(head.survey, id);
  if (after === undefined || (!isAll && after.result === recordOf(base.survey, id)?.result)) return undefined;
  const open = async ({ survey, facts }: JudgedSide): Promise<RenderedSide | undefined> => {
    const record = recordOf(survey, id);
    return record === undefined ? undefined : keepUnread(await judge.open(record, facts), survey);
  };
  const sides = [await open(base), await open(head)] as const;
  return (await compareApp(...sides, listKeys, (side) => judge.locate(side, head.facts), new Set())).comparison;
}

function keepUnread(side: RenderedSide, survey: Survey): RenderedSide {
  if (side.rendering.kind === "failed") return side;
  const { manifests } = side.rendering;
  const isRead = findReadFiles(survey, "all");
  const isUnread = (resource: ResourceId | undefined): boolean =>
    manifests.some(
      ({ resource: { kind, name }, origin }) =>
        kind === resource?.kind && name === resource.name && !isRead(origin.file),
    );
  const unread = side.findings.filter(({ rule, resource }) => rule === "crd-schema" && isUnread(resource));
  return { ...side, findings: unread.map((finding) => ({ ...finding, level: "warning" })) };
}

/** CRD sources are no apps of the user's, so no finding names them. */
export function withoutSources(findings: readonly JudgedFinding[]): readonly JudgedFinding[] {
  return findings.map((finding) => ({ ...finding, apps: finding.apps.filter((id) => !isCrdSource(id)) }));
}
