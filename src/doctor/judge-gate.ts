import { CHECK_NAMES } from "../model/index.ts";
import { advice, listNames, ok, problem, type Diagnosis } from "./diagnosis.ts";
import type { BranchDemands, RequiredCheck } from "./facts.ts";

const GATE = "drydock";

/** What is to be said of one default branch. */
export interface GateVerdict {
  readonly gate:
    | "pinned"
    /** Anybody who may write statuses or checks can pass it. */
    | "unpinned"
    /** Another App has to write it, which never will. */
    | "foreign"
    /** A check of Drydock's is required, and not the gate. */
    | "part"
    | "optional"
    /** Not every rule could be read, and those that could do not ask for it. */
    | "unread";
  /** Whether somebody may merge without the gate. */
  readonly bypass: RequiredCheck["bypass"];
  /** Checks in Drydock's name that it never writes: pull requests wait for them for ever. */
  readonly unknown: readonly string[];
}

/** Whether a branch asks for the gate, of this App alone, and lets somebody by when Drydock is down. Pure. */
export function judgeGate({ checks, isComplete }: BranchDemands, appId: number): GateVerdict {
  const known: ReadonlySet<string> = new Set(CHECK_NAMES);
  const unknown = checks
    .map(({ context }) => context)
    .filter((name) => name.startsWith("drydock/") && !known.has(name));
  const gates = checks.filter(({ context }) => context === GATE);
  return { gate: findGate(), bypass: combineBypass(gates), unknown: [...new Set(unknown)] };

  function findGate(): GateVerdict["gate"] {
    // Every rule holds: one that no other App fulfils blocks, one that is pinned protects.
    if (gates.some((gate) => gate.appId !== undefined && gate.appId !== appId)) return "foreign";
    if (gates.some((gate) => gate.appId === appId)) return "pinned";
    if (gates.length > 0) return "unpinned";
    if (checks.some(({ context }) => context !== GATE && known.has(context))) return "part";
    return isComplete ? "optional" : "unread";
  }
}

/** Every rule has to be passed, so nobody goes around all of them where nobody goes around one. */
function combineBypass(gates: readonly RequiredCheck[]): RequiredCheck["bypass"] {
  for (const bypass of ["nobody", "unknown"] as const) {
    if (gates.some((gate) => gate.bypass === bypass)) return bypass;
  }
  return gates.length > 0 ? "somebody" : "unknown";
}

interface NamedVerdict {
  /** `OWNER/NAME`. */
  readonly name: string;
  readonly verdict: GateVerdict;
}

type Say = (names: string) => Diagnosis;

const RULES = "Settings, Rules, the rule for the default branch";

const GATES: readonly (readonly [GateVerdict["gate"], Say])[] = [
  ["pinned", (names) => ok("gate", `Merging needs the gate, from this App alone, in ${names}.`)],
  [
    "unpinned",
    (names) =>
      problem(
        "gate",
        `The gate is required, but not pinned to this App, in ${names}: whoever can write there can pass it.`,
        `Under ${RULES}, choose this App as the source of the check \`${GATE}\`.`,
      ),
  ],
  [
    "foreign",
    (names) =>
      problem(
        "gate",
        `Another App is named as the gate's source in ${names}: this App's result does not count there.`,
        `Under ${RULES}, choose this App as the source of the check \`${GATE}\`.`,
      ),
  ],
  [
    "part",
    (names) =>
      advice(
        "gate",
        `A part of Drydock's checks is required in ${names}, and not the gate.`,
        `Under ${RULES}, require \`${GATE}\` instead: it is the worst of them, those to come included.`,
      ),
  ],
  [
    "optional",
    (names) =>
      advice(
        "gate",
        `The gate is not required in ${names}: a pull request can be merged whatever Drydock says.`,
        `Require the check \`${GATE}\` with this App as its source, under ${RULES}.`,
      ),
  ],
  [
    "unread",
    (names) =>
      advice(
        "gate",
        `Not every rule can be read in ${names}, and those that can do not require the gate.`,
        `Look under ${RULES}: the check \`${GATE}\`, with this App as its source.`,
      ),
  ],
];

const BYPASSES: Readonly<Record<RequiredCheck["bypass"], Say>> = {
  somebody: (names) => ok("bypass", `Somebody may merge without the gate when Drydock is down, in ${names}.`),
  nobody: (names) =>
    advice(
      "bypass",
      `Nobody may merge without the gate in ${names}: when Drydock is down, nothing can be merged.`,
      `Name a few people or a team under ${RULES}, Bypass list.`,
    ),
  unknown: (names) =>
    advice(
      "bypass",
      `GitHub does not tell an App who may merge without the gate in ${names}.`,
      `Look under ${RULES}, Bypass list: when Drydock is down, only those can merge.`,
    ),
};

/** Repositories of which the same is to be said share a sentence. */
export function listGateDiagnoses(verdicts: readonly NamedVerdict[]): readonly Diagnosis[] {
  const say = (isMeant: (verdict: GateVerdict) => boolean, sentence: Say): readonly Diagnosis[] => {
    const names = verdicts.filter(({ verdict }) => isMeant(verdict)).map(({ name }) => name);
    return names.length === 0 ? [] : [sentence(listNames(names))];
  };
  const isRequired = ({ gate }: GateVerdict): boolean => gate === "pinned" || gate === "unpinned";
  const unknown = [...new Set(verdicts.flatMap(({ verdict }) => verdict.unknown))];
  return [
    ...GATES.flatMap(([gate, sentence]) => say((verdict) => verdict.gate === gate, sentence)),
    ...unknown.flatMap((name) => say((verdict) => verdict.unknown.includes(name), sayUnknown(name))),
    ...(["somebody", "nobody", "unknown"] as const).flatMap((bypass) =>
      say((verdict) => isRequired(verdict) && verdict.bypass === bypass, BYPASSES[bypass]),
    ),
  ];
}

function sayUnknown(check: string): Say {
  return (names) =>
    problem(
      "gate",
      `The check \`${check}\` is required in ${names}, and this Drydock never writes it: pull requests wait for ever.`,
      `Take it out of the rule; \`${GATE}\` stands for all checks.`,
    );
}
