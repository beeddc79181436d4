import { baseName } from "./repository-path.ts";

const EXTENSION = /\.(ya?ml|json)$/;

/** The names kustomize looks for, in its own order. */
export const KUSTOMIZATION_NAMES: ReadonlySet<string> = new Set([
  "kustomization.yaml",
  "kustomization.yml",
  "Kustomization",
]);

// Files of other tools that are never manifests, whatever they hold.
const FOREIGN = new RegExp(
  "^(" +
    [
      "(docker-)?compose([.-].*)?\\.ya?ml",
      "\\.gitlab-ci.*\\.ya?ml",
      "\\.(pre-commit|travis|drone|golangci|yamllint|markdownlint|codecov|goreleaser|prettierrc|eslintrc)[^/]*",
      "(mkdocs|skaffold|azure-pipelines|bitbucket-pipelines|cloudbuild|codecov|lefthook|pnpm-lock|pnpm-workspace)\\.ya?ml",
      "(helmfile|Taskfile|ct|lerna|catalog-info|galaxy|antora|_config)\\.ya?ml",
      "(package|package-lock|composer|tsconfig|jsconfig|renovate|deno|turbo|nx|vercel|firebase|cdk|devcontainer)\\.json",
      "values\\.schema\\.json",
    ].join("|") +
    ")$",
);

/**
 * Whether a file can matter to discovery, by its name alone: then its content is worth an `analyzeFile`. Values files
 * do matter, because whether they exist decides which apps a chart has.
 */
export function mayMatter(path: string): boolean {
  const name = baseName(path);
  return KUSTOMIZATION_NAMES.has(name) || (EXTENSION.test(name) && !FOREIGN.test(name));
}
