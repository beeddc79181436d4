// An engine worker. It is a composition root of its own, like src/main.ts: a thread starts at a file.
import { parentPort, workerData } from "node:worker_threads";
import { Fault } from "../model/index.ts";
import type { CrdSet, KubernetesVersion, Rendering } from "../model/index.ts";
import { readServedKinds } from "../schemas/index.ts";
import { createAppFiles } from "./app-files.ts";
import { createDocumentCheck } from "./check-documents.ts";
import { createEngineInstances } from "./engine-instances.ts";
import { createObjectClients } from "./object-client.ts";
import { renderApp } from "./render-app.ts";
import { createSchemaSources } from "./schema-sources.ts";
import { describeTrouble, isTrouble } from "./trouble.ts";
import { writeTape } from "./trace-tape.ts";
import type { RenderCommand, RenderWorkerReport, RenderWorkerStart } from "./worker-messages.ts";

const { objects, bell, tape, macKey, kubernetesSchemas } = workerData as RenderWorkerStart;
const clientOf = createObjectClients(objects, bell);
const engines = createEngineInstances();
const chooseSchema = createSchemaSources(kubernetesSchemas);
const checkDocuments = createDocumentCheck(() => engines.moduleOf("kubeconform"), chooseSchema);
const crdSets = new Map<string, CrdSet>();
const kindsByVersion = new Map<KubernetesVersion, readonly string[]>();

parentPort?.on("message", (command: RenderCommand) => {
  report({ kind: "started" });
  try {
    report({ kind: "rendered", rendering: carryOut(command) });
  } catch (error) {
    if (!isTrouble(error)) throw error;
    report({ kind: "fault", trouble: describeTrouble(error) });
  }
});

function carryOut({ request, place, modules, crdSet, forgetCrdSet }: RenderCommand): Rendering {
  for (const [name, module] of modules) engines.provide(name, module);
  if (crdSet !== undefined) crdSets.set(crdSet.id, crdSet);
  if (forgetCrdSet !== undefined) crdSets.delete(forgetCrdSet);
  const known = crdSets.get(request.crdSet);
  if (known === undefined) throw new Fault("The worker was not given the CRD set.");
  const files = createAppFiles(clientOf(place), request.tree, request.limits.files, (fact) => writeTape(tape, fact));
  return renderApp(request, known, files, { engines, macKey, check: checkDocuments, servedKinds });
}

function servedKinds(version: KubernetesVersion): readonly string[] {
  const kinds = kindsByVersion.get(version) ?? readServedKinds(kubernetesSchemas, version);
  kindsByVersion.set(version, kinds);
  return kinds;
}

function report(message: RenderWorkerReport): void {
  parentPort?.postMessage(message);
}
