import { COMMAND_NAMES } from "../model/index.ts";
import type { ParsedCommands } from "./command-schema.ts";
import type { ParsedChanges, ParsedEnvironment } from "./environment-schema.ts";
import { findCircular } from "./environment-order.ts";
import { findWindowProblems } from "./find-window-problems.ts";
import { findLabelProblems } from "./labels.ts";
import type { ParsedLabels } from "./label-schema.ts";
import { nearestName } from "./nearest-name.ts";
import { quoteText } from "./read-yaml.ts";

/** Something that each key may say and all of them together may not. */
export interface RuleProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** The last name of `path` is what is wrong, not what stands under it. */
  readonly isKey?: true;
}

type Environments = Readonly<Record<string, ParsedEnvironment>>;

/** In all environments together, and faulty ones that are told: what bounds the work for a file that nobody has reviewed. */
const MOST_WINDOWS = 200;
const MOST_FAULTY_WINDOWS = 5;
const MOST_UNKNOWN = 20;

/** What does not go together in the rules of environments: names, their order, approvals that nobody can give, windows. */
export function findRuleProblems(config: {
  readonly environments: Environments;
  readonly changes: ParsedChanges;
  readonly commands: ParsedCommands;
  readonly apps: readonly NamingApp[];
  readonly labels: ParsedLabels;
}): readonly RuleProblem[] {
  const { environments, labels } = config;
  return [
    ...findUnknownNames(environments, [
      ...listOrdered(environments),
      ...listApart(config.changes),
      // Without environments here, they are those of the organisation, or what folders are called.
      ...(Object.keys(environments).length === 0 ? [] : [...listLimited(config.commands), ...listNamedBy(config.apps)]),
    ]),
    ...findCycle(environments),
    ...findSharedBranches(environments),
    ...Object.entries(environments).flatMap(([name, { approvals }]) => findApprovalProblems(name, approvals)),
    ...findWindows(environments),
    ...findLabelProblems(labels, Object.keys(environments)),
  ];
}

interface NamingApp {
  readonly environment?: string | undefined;
}

/** Where something names an environment. */
interface Naming extends Pick<RuleProblem, "path" | "isKey"> {
  readonly other: string;
}

function listOrdered(environments: Environments): readonly Naming[] {
  return Object.entries(environments).flatMap(([name, { from }]) =>
    from.map((other, index) => ({ other, path: ["environments", name, "from", index] })),
  );
}

function listApart({ apart }: ParsedChanges): readonly Naming[] {
  return apart.flatMap((names, set) =>
    names.map((other, index) => ({ other, path: ["changes", "apart", set, index] })),
  );
}

function listLimited(commands: ParsedCommands): readonly Naming[] {
  return COMMAND_NAMES.flatMap((command) => {
    const limit = commands[command];
    const limited = limit !== undefined && "environments" in limit ? Object.keys(limit.environments) : [];
    return limited.map((other): Naming => ({ other, path: ["commands", command, "environments", other], isKey: true }));
  });
}

function listNamedBy(apps: readonly NamingApp[]): readonly Naming[] {
  return apps.flatMap(({ environment: other }, index) =>
    other === undefined ? [] : [{ other, path: ["apps", index, "environment"] }],
  );
}

function findUnknownNames(environments: Environments, named: readonly Naming[]): readonly RuleProblem[] {
  const known = Object.keys(environments);
  return named
    .filter(({ other }) => !Object.hasOwn(environments, other))
    .slice(0, MOST_UNKNOWN)
    .map(({ other, ...place }) => {
      const nearest = nearestName(other, known);
      const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
      return { ...place, message: `there is no environment ${quoteText(other)}${hint}` };
    });
}

/** The first cycle, told once: what it leads to is no further problem. */
function findCycle(environments: Environments): readonly RuleProblem[] {
  const order = new Map(Object.entries(environments).map(([name, { from }]) => [name, from]));
  const [name, ...others] = followCycle(order, findCircular(order));
  if (name === undefined) return [];
  const way = others.length === 0 ? "itself" : [...others.slice(0, 5), name].join(", which comes from ");
  return [{ path: ["environments", name, "from"], message: `${name} would come from ${way}` }];
}

/** Whatever is circular comes from something that is. */
function followCycle(order: ReadonlyMap<string, readonly string[]>, circular: ReadonlySet<string>): readonly string[] {
  const way = new Set<string>();
  let [name] = circular;
  while (name !== undefined && !way.has(name)) {
    way.add(name);
    name = order.get(name)?.find((other) => circular.has(other));
  }
  return name === undefined ? [] : [...way].slice([...way].indexOf(name));
}

function findSharedBranches(environments: Environments): readonly RuleProblem[] {
  const owners = new Map<string, string>();
  return Object.entries(environments).flatMap(([name, { branch }]) => {
    if (branch === undefined) return [];
    const owner = owners.get(branch);
    owners.set(branch, owner ?? name);
    if (owner === undefined) return [];
    return [{ path: ["environments", name, "branch"], message: `${quoteText(branch)} is ${owner} already` }];
  });
}

/** More approvals than there are people who can give them would never come. */
function findApprovalProblems(name: string, approvals: ParsedEnvironment["approvals"]): readonly RuleProblem[] {
  if (typeof approvals === "number") return [];
  const path = ["environments", name, "approvals"];
  const people = new Set(
    approvals.users.filter((login) => !login.endsWith("[bot]")).map((login) => login.toLowerCase()),
  );
  const isLimited = approvals.users.length > 0 && approvals.teams.length === 0;
  const describe = (count: number): string =>
    `${count} approvals never come: bots do not count, and of users there ${people.size === 1 ? "is 1" : `are ${people.size}`}`;
  const { destructive } = approvals;
  const isDestructiveLimited = isLimited && destructive?.teams.length === 0;
  return [
    ...(isLimited && approvals.count > people.size
      ? [{ path: [...path, "count"], message: describe(approvals.count) }]
      : []),
    ...(isDestructiveLimited && destructive.count > people.size
      ? [{ path: [...path, "destructive", "count"], message: describe(destructive.count) }]
      : []),
  ];
}

function findWindows(environments: Environments): readonly RuleProblem[] {
  const windows = Object.entries(environments).flatMap(([name, environment]) =>
    environment.windows.map((window, index) => ({ window, path: ["environments", name, "windows", index] })),
  );
  if (windows.length > MOST_WINDOWS) {
    const message = `there are ${windows.length} windows in all environments, at most ${MOST_WINDOWS} can be`;
    return [{ path: ["environments"], message }];
  }
  const problems: RuleProblem[] = [];
  for (const { window, path } of windows) {
    problems.push(...findWindowProblems(window).map(({ key, message }) => ({ path: [...path, key], message })));
    if (problems.length >= MOST_FAULTY_WINDOWS) break;
  }
  return problems;
}
