import { createRepository, type FakeRepository } from "../../fakes/git-repository.ts";
import { configMap, makeDirectory } from "../check/check-change.ts";
import type { Home } from "./run-drydock.ts";

const FILES = {
  "apps/web/cm.yaml": configMap("web"),
  "apps/odd/cm.yaml": configMap("odd"),
  "charts/api/Chart.yaml": "apiVersion: v2\nname: api\nversion: 1.0.0\n",
  "charts/api/values-prod.yaml": "a: prod\n",
  "charts/api/values-dev.yaml": "a: dev\n",
  "charts/api/templates/cm.yaml": configMap("api", 'v: "{{ .Values.a }}"'),
  "apps/db/secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  key: hunter22-canary\n",
} as const;

const NO_KIND = { "apps/web/cm.yaml": "apiVersion: v1\nkind: Nope\nmetadata:\n  name: web\n" };
const REMOTE = { "apps/far/kustomization.yaml": "resources: ['https://example.com/x.yaml']\n" };

export interface Sample extends Home {
  readonly repository: FakeRepository;
  readonly directory: string;
}

/** A repository with a branch for every exit status: fine, broken, remote, both; and one that does not merge. */
export async function makeSample(test: Parameters<typeof createRepository>[0]): Promise<Sample> {
  const repository = await createRepository(test, {
    branches: {
      main: FILES,
      fine: { ...FILES, "apps/web/cm.yaml": configMap("web", 'a: "c"') },
      broken: { ...FILES, ...NO_KIND },
      remote: { ...FILES, ...REMOTE },
      both: { ...FILES, ...NO_KIND, ...REMOTE },
      landed: FILES,
    },
  });
  await repository.change({ "apps/web/cm.yaml": configMap("web", 'a: "other"') }, { branch: "landed" });
  await repository.checkout("main");
  return { repository, directory: repository.directory, home: makeDirectory(test) };
}
