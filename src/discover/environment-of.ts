import type { KubernetesVersion } from "../model/index.ts";
import type { DiscoveryConfig } from "./discovery-config.ts";
import { isMatch } from "./is-excluded.ts";

export interface AppEnvironment {
  readonly environment: string | undefined;
  readonly isEnvironmentDeclared: boolean;
  /** What the config says about the clusters of this environment. */
  readonly kubernetesVersion: KubernetesVersion | undefined;
}

/**
 * The environment of an app: what its declaration says, else the first environment of the config whose paths match its
 * values files or its folder, else a guess from the names of both.
 */
export function environmentOf(
  path: string,
  valuesFiles: readonly string[],
  said: string | undefined,
  guess: string | undefined,
  config: Pick<DiscoveryConfig, "environments">,
): AppEnvironment {
  const declared =
    said === undefined
      ? config.environments.find(({ paths }) => [...valuesFiles, path].some((place) => isBelow(place, paths)))
      : config.environments.find(({ name }) => name === said);
  const environment = said ?? declared?.name ?? guess ?? guessFromValues(valuesFiles) ?? guessFromFolder(path);
  return {
    environment,
    isEnvironmentDeclared: said !== undefined || declared !== undefined,
    kubernetesVersion: declared?.kubernetesVersion,
  };
}

function isBelow(path: string, globs: Parameters<typeof isMatch>[1]): boolean {
  if (globs.length === 0) return false;
  for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
    if (isMatch(path.slice(0, end), globs)) return true;
  }
  return isMatch(path, globs);
}

const FOLDER_BEFORE_NAME = new Set(["overlays", "clusters", "environments", "environment", "envs", "env"]);
const NO_ENVIRONMENT = new Set(["base", "bases", "common", "shared", "default", "defaults", "global", "all"]);

function guessFromFolder(path: string): string | undefined {
  const names = path.split("/");
  const index = names.findIndex((name) => FOLDER_BEFORE_NAME.has(name));
  return index < 0 ? undefined : namedEnvironment(names[index + 1]);
}

/** The last values file counts most: it is laid over the others. */
function guessFromValues(files: readonly string[]): string | undefined {
  for (const file of files.toReversed()) {
    const match =
      /(?:^|\/)(?:values[-.]([^/]+?)|(?:values|environments|environment|envs|env)\/([^/]+?)(?:\/[^/]+)?)\.ya?ml$/.exec(
        file,
      );
    const name = namedEnvironment(match?.[1] ?? match?.[2]);
    if (name !== undefined) return name;
  }
  return undefined;
}

function namedEnvironment(name: string | undefined): string | undefined {
  return name === undefined || NO_ENVIRONMENT.has(name) ? undefined : name;
}
