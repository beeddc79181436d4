import type { Diagnosis } from "./diagnosis.ts";
import type { DoctorFacts } from "./facts.ts";
import { judgeApp } from "./judge-app.ts";
import { judgeInstallations } from "./judge-installations.ts";
import { judgeMachine } from "./judge-machine.ts";

/** What is right and what is wrong with an installation, in the order in which it is best mended. Pure. */
export function judgeInstallation(facts: DoctorFacts): readonly Diagnosis[] {
  return [...judgeMachine(facts), ...judgeApp(facts), ...judgeInstallations(facts)];
}
