import type { FieldPath } from "../model/index.ts";
import { findIn } from "../policy/index.ts";
import type { AppJudge, SideFacts } from "./app-judge.ts";
import type { RenderedSide } from "./compare-app.ts";
import { BROKEN_POLICY } from "./judge-policies.ts";
import type { LoadedAdmission } from "./policy-ports.ts";
import type { BrokenPolicy } from "./prepare-policies.ts";
import { allRecords, type Survey } from "./survey.ts";

type AdmissionProblem = LoadedAdmission["problems"][number];

/** Cost where there is no problem: none. Else the apps that bring policies or definitions are opened. */
export async function locateProblems(
  problems: readonly AdmissionProblem[],
  { survey, facts }: { readonly survey: Survey; readonly facts: SideFacts },
  judge: AppJudge,
): Promise<readonly BrokenPolicy[]> {
  if (problems.length === 0) return [];
  const sides: RenderedSide[] = [];
  for (const record of allRecords(survey)) {
    if (record.holdsPolicies || record.provides.length > 0) sides.push(await judge.open(record, facts));
  }
  const located: BrokenPolicy[] = [];
  for (const problem of problems) located.push(await locateProblem(problem, sides, facts, judge));
  return located;
}

/** What no app of this tree brings, such as what its engine was stopped at, has no place. */
async function locateProblem(
  { subject, message, path }: AdmissionProblem,
  sides: readonly RenderedSide[],
  facts: SideFacts,
  judge: AppJudge,
): Promise<BrokenPolicy> {
  const said = { message: `${subject}: ${message}`, file: undefined, line: undefined };
  for (const side of sides) {
    if (side.rendering.kind === "failed") continue;
    const manifest = side.rendering.manifests.find(({ resource }) => `${resource.kind}/${resource.name}` === subject);
    if (manifest === undefined) continue;
    const raw = findIn(manifest, { rule: BROKEN_POLICY, level: "error", path: readPath(path), message });
    const [finding] = await judge.locate({ ...side, findings: [raw] }, facts);
    return { ...said, file: finding?.location?.file, line: finding?.location?.line };
  }
  return said;
}

/** `spec.validations[0].expression`, as Kubernetes writes paths. */
function readPath(path: string): FieldPath {
  return [...path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/gu)].map(([, inside, step = ""]) => {
    if (inside === undefined) return step;
    return /^\d{1,6}$/u.test(inside) ? Number(inside) : inside;
  });
}
