/**
 * Measures the most memory that a server takes whose repositories use everything at once: Helm, kustomize, Rego,
 * ValidatingAdmissionPolicies, validation rules of CRDs and Pod Security. `bench/memory.ts [REPOSITORIES]
 * [PULL_REQUESTS]`, default 10 and 60; each repository has policies of its own, so that none serve another one. Prints
 * the peak of its resident memory as Linux tells it; the target is 1 GiB.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EVENT_SETS, PERMISSION_SETS } from "../src/github/index.ts";
import { startSandbox, type Sandbox } from "../src/sandbox/index.ts";
import * as world from "../src/sandbox/world/index.ts";
import { createServerProcess, type ServerProcess } from "../test/fakes/server-process.ts";
import { generatePolicies } from "./generate-policies.ts";
import { generateFiles } from "./generate-repository.ts";

const repositories = Number(process.argv[2] ?? 10);
const pullRequests = Number(process.argv[3] ?? 60);
const SIZE = { kustomize: 20, helm: 10, plain: 10 };
/** Milliseconds. */
const LONGEST_WAIT = 1_800_000;

const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: queues.example.com
spec:
  group: example.com
  scope: Namespaced
  names: { kind: Queue, plural: queues, singular: queue, listKind: QueueList }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              x-kubernetes-validations:
                - rule: self.depth >= oldSelf.depth
                  message: a queue does not shrink
              properties:
                depth:
                  type: integer
                  x-kubernetes-validations:
                    - rule: self > 0
                      message: a queue holds something
`;

interface Pushed {
  readonly repository: world.Ref;
  readonly head: string;
}

const scratch = mkdtempSync(join(tmpdir(), "drydock-bench-memory-"));
try {
  await measure();
} finally {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
}

async function measure(): Promise<void> {
  const sandbox = await startSandbox({
    app: { permissions: PERMISSION_SETS.full, events: EVENT_SETS.full },
    webhooks: { isChecked: false },
  });
  const env = { DRYDOCK_JOBS: "", DRYDOCK_SWEEP_SECONDS: "3600", LOG_LEVEL: "error" };
  const server = await createServerProcess({ sandbox, directory: scratch, env, isByCommand: true });
  try {
    await server.start();
    world.setWebhookUrl(sandbox.world, sandbox.app, server.webhookUrl);
    const violations = await waitForGates(sandbox, await openPullRequests(sandbox), server);
    const [peak, now] = [server.peakBytes(), server.residentBytes()].map((bytes) => Math.round(bytes / 1024 ** 2));
    const asked = `${pullRequests} pull requests to ${repositories} repositories of ${countApps()} apps`;
    console.log(`${asked}, ${violations} gates failed`);
    console.log(`resident memory: at most ${peak} MiB, ${now} MiB at the end (target: 1024)`);
  } finally {
    await server.kill();
    await sandbox.close();
  }
}

function countApps(): number {
  return SIZE.kustomize * 3 + SIZE.helm * 3 + SIZE.plain;
}

/** Every pull request is onto the next repository; every third one changes something that policies refuse. */
async function openPullRequests(sandbox: Sandbox): Promise<readonly Pushed[]> {
  const pushed: Pushed[] = [];
  const files = Array.from({ length: repositories }, (_, index) => makeFiles(index));
  const refs: world.Ref[] = [];
  for (const [index, own] of files.entries()) {
    const owner = world.createUser(sandbox.world, `owner-${index}`);
    refs.push(await world.createRepository(sandbox.world, owner, "config", { isPrivate: true, files: own }));
    world.installApp(sandbox.world, owner, sandbox.app, owner);
  }
  for (let index = 0; index < pullRequests; index += 1) {
    const [place, branch] = [index % repositories, `change-${index}`];
    const [repository, own] = [refs[place], files[place]];
    if (repository === undefined || own === undefined) throw new Error("there is no repository");
    const owner = world.createUser(sandbox.world, `author-${index}`);
    const head = await world.pushCommit(sandbox.world, owner, repository, { branch, files: edit(own, index) });
    await world.openPullRequest(sandbox.world, owner, repository, { head: branch });
    pushed.push({ repository, head });
  }
  return pushed;
}

function makeFiles(index: number): Record<string, string> {
  const policies = generatePolicies(index % 2 === 0 ? "ten packages" : "one package");
  return {
    ...Object.fromEntries(generateFiles(SIZE)),
    ...Object.fromEntries(policies.map(({ file, text }) => [`policy/${file}`, `${text}\n# of repository ${index}\n`])),
    ".github/drydock.yaml": "version: 1\npolicy: { preset: strict }\n",
    "platform/admission.yaml": Array.from({ length: 20 }, (_, rule) => makeAdmission(`r${index}-${rule}`, rule)).join(
      "",
    ),
    "platform/crd.yaml": CRD,
    ...Object.fromEntries(
      Array.from({ length: 20 }, (_, queue) => [`queues/q${queue}/queue.yaml`, makeQueue(queue, 1 + queue)]),
    ),
  };
}

function edit(files: Readonly<Record<string, string>>, index: number): Record<string, string> {
  const service = `services/s${String(index % SIZE.kustomize).padStart(3, "0")}`;
  const patch = `${service}/overlays/prod/resources.yaml`;
  const queue = index % 20;
  return {
    [patch]: (files[patch] ?? "").replace("memory: 192Mi", `memory: ${256 + index}Mi`),
    // A base, so that three environments change.
    [`${service}/base/deployment.yaml`]: (files[`${service}/base/deployment.yaml`] ?? "").replace(
      /^spec:$/mu,
      `spec:\n  revisionHistoryLimit: ${index}`,
    ),
    [`queues/q${queue}/queue.yaml`]: makeQueue(queue, index % 3 === 0 ? 0 : 100 + index),
    ...(index % 5 === 0 && {
      "platform/admission.yaml": `${files["platform/admission.yaml"] ?? ""}${makeAdmission(`change-${index}`, index)}`,
    }),
    ...(index % 6 === 0 && { "policy/policy0.rego": `${files["policy/policy0.rego"] ?? ""}# ${index}\n` }),
  };
}

function makeAdmission(name: string, limit: number): string {
  return `---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: ${name}
spec:
  matchConstraints:
    resourceRules:
      - apiGroups: [apps]
        apiVersions: [v1]
        operations: [CREATE, UPDATE]
        resources: [deployments]
  validations:
    - expression: object.spec.template.spec.containers.all(c, !c.image.endsWith(":v${limit}"))
      message: version ${limit} is called back
    - expression: "!has(object.spec.replicas) || object.spec.replicas <= ${100 + limit}"
      messageExpression: string(object.spec.replicas) + " replicas are too many"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: ${name}
spec:
  policyName: ${name}
  validationActions: [Deny]
`;
}

function makeQueue(index: number, depth: number): string {
  return `apiVersion: example.com/v1
kind: Queue
metadata:
  name: q${index}
  namespace: queues
spec:
  depth: ${depth}
`;
}

/** Gives how many gates failed. */
async function waitForGates(sandbox: Sandbox, pushed: readonly Pushed[], server: ServerProcess): Promise<number> {
  const gateOf = ({ repository, head }: Pushed): string | null | undefined =>
    world
      .latestCheckRuns(sandbox.world, repository, head)
      .find(({ name, status }) => name === "drydock" && status === "completed")?.conclusion;
  for (const started = performance.now(); performance.now() - started < LONGEST_WAIT;) {
    const gates = pushed.map(gateOf);
    if (gates.every((gate) => gate !== undefined)) return gates.filter((gate) => gate !== "success").length;
    await sleep(100);
  }
  throw new Error(`the verdicts did not come:\n${server.lastWords()}`);
}
