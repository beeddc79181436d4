import type { PolicyOutput } from "./cli/policy-command.ts";
import { UsageError, type PolicyProblem, type Report, type Tree } from "./model/index.ts";
import type { LoadedConfig } from "./pipeline/load-config.ts";
import { BROKEN_POLICY } from "./pipeline/judge-policies.ts";
import type { OrganizationRules } from "./pipeline/organization.ts";
import type { AdmissionNames } from "./pipeline/preview-policies.ts";
import { writeBaseline } from "./policy/index.ts";
import { runCheck, type CheckedTrees, type Workbench } from "./workbench.ts";

/** One tree, with what it is judged by. */
export interface AskedTree {
  readonly bench: Workbench;
  /** Name of the repository. */
  readonly repository: string;
  readonly tree: Tree;
  readonly loaded: LoadedConfig;
  readonly organization: OrganizationRules | undefined;
}

/** Apps named when they could not be rendered; the rest are counted. */
const NAMED = 5;

/**
 * The baseline of one tree: what policies say of all of its apps today, whatever was known before. Throws a UsageError
 * where a policy is broken: what it would say is not known.
 */
export async function makeBaseline({ loaded, ...asked }: AskedTree): Promise<PolicyOutput> {
  const config = { ...loaded.config, policy: { ...loaded.config.policy, baseline: undefined } };
  const { report, baseline = [] } = await checkOne({ ...asked, loaded: { ...loaded, config } }, true);
  refuseBroken(report);
  const text = writeBaseline(baseline);
  const count = baseline.length;
  return { text, exitCode: 0, notice: `${count} ${count === 1 ? "entry" : "entries"}.${describeFailed(report)}\n` };
}

/** The rules of the API server's own policies that apps of one tree bring. */
export async function listAdmissionRules(asked: AskedTree): Promise<AdmissionNames> {
  const { listAdmission } = await checkOne(asked, false);
  return (await listAdmission?.()) ?? { names: [], isWhole: true };
}

async function checkOne(
  { bench, repository, tree, loaded, organization }: AskedTree,
  isAll: boolean,
): Promise<CheckedTrees> {
  const side = { ref: "work tree", commit: undefined, tree: tree.id };
  return await runCheck(bench, {
    ...{ repository, base: side, head: side, baseTree: tree, headTree: tree },
    ...{ config: loaded, organization, isAll, kubernetesVersion: undefined },
    onProgress: () => undefined,
  });
}

function refuseBroken({ findings }: Report): void {
  const broken = findings.filter(({ rule }) => rule === BROKEN_POLICY).slice(0, NAMED);
  if (broken.length === 0) return;
  refusePolicies(broken.map(({ location, message }) => ({ file: location?.file, line: location?.line, message })));
}

/** Throws a UsageError that lists what is wrong with policies, each with its place. */
export function refusePolicies(problems: readonly Pick<PolicyProblem, "file" | "line" | "message">[]): never {
  const lines = problems.map(({ file, line, message }) => {
    const place = file === undefined ? "" : `${file}${line === undefined ? "" : `:${line}`}: `;
    return `  ${place}${message}`;
  });
  throw new UsageError(`the policies cannot be used\n${lines.join("\n")}`);
}

function describeFailed({ apps }: Report): string {
  const failed = apps.filter(({ failure }) => failure !== undefined).map(({ id }) => id);
  if (failed.length === 0) return "";
  const more = failed.length > NAMED ? ` and ${failed.length - NAMED} more` : "";
  return ` Not in it, because they do not render: ${failed.slice(0, NAMED).join(", ")}${more}.`;
}
