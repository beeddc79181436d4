import type { RegoSource, RegoTest } from "../pipeline/policy-ports.ts";
import type { EngineCaller } from "./call-engine.ts";
import { describeStop } from "./rego-answers.ts";

interface WireTest extends Omit<RegoTest, "message"> {
  readonly message?: string;
}

interface WireTests {
  readonly tests: readonly WireTest[];
  readonly problems: readonly { readonly file?: string; readonly line?: number; readonly message: string }[];
}

/**
 * Runs the unit tests of a source. What does not compile is one errored test without a name for each problem. Tests
 * that have to be stopped are found by halving; those that failed run once more to say where.
 */
export async function runRegoTests(
  source: RegoSource,
  seconds: number,
  caller: EngineCaller,
): Promise<readonly RegoTest[]> {
  const run = async (options: object): Promise<WireTests | undefined> => {
    const answer = await caller.call({ request: { op: "test", ...source, ...options }, needs: [], seconds });
    return answer.kind === "ok" ? (answer.result as WireTests) : undefined;
  };
  const all = await run({});
  if (all !== undefined && all.problems.length > 0) return all.problems.map(describeProblem);
  const tests = all?.tests ?? (await runOneByOne(run, seconds));
  const traced = await traceFailed(run, tests);
  return tests.map((test) => traced.get(nameOf(test)) ?? test).map(({ message, ...test }) => ({ ...test, message }));
}

type Run = (options: object) => Promise<WireTests | undefined>;

async function runOneByOne(run: Run, seconds: number): Promise<readonly WireTest[]> {
  const listed = await run({ isListing: true });
  const stopped = describeStop({ kind: "stopped", reason: "time", at: "call" }, seconds).message;
  if (listed === undefined) return [{ name: "", package: "", file: "", line: 0, result: "errored", message: stopped }];
  const halve = async (tests: readonly WireTest[]): Promise<readonly WireTest[]> => {
    const results = await run({ only: tests.map(fullName) });
    if (results !== undefined) return results.tests;
    if (tests.length === 1) return tests.map((test) => ({ ...test, result: "errored", message: stopped }));
    const half = Math.ceil(tests.length / 2);
    return [...(await halve(tests.slice(0, half))), ...(await halve(tests.slice(half)))];
  };
  return listed.tests.length === 0 ? [] : halve(listed.tests);
}

/** The failed tests with the expression that did not hold. A trace that is too large is done without. */
async function traceFailed(run: Run, tests: readonly WireTest[]): Promise<ReadonlyMap<string, WireTest>> {
  const failed = tests.filter(({ result }) => result === "failed");
  if (failed.length === 0) return new Map();
  const traced = await run({ only: [...new Set(failed.map(fullName))], isTracing: true });
  return new Map((traced?.tests ?? []).filter(({ result }) => result === "failed").map((test) => [nameOf(test), test]));
}

/** As the engine's filter takes it: without the number that OPA gives to tests of one name. */
function fullName(test: WireTest): string {
  return `data.${test.package}.${test.name.replace(/#\d+$/u, "")}`;
}

function nameOf(test: WireTest): string {
  return `${test.package} ${test.name} ${test.file}:${test.line}`;
}

function describeProblem({ file = "", line = 0, message }: WireTests["problems"][number]): RegoTest {
  return { name: "", package: "", file, line, result: "errored", message };
}
