export interface RuleDescription {
  /** A few words, as a heading. */
  readonly title: string;
  /** One or two sentences: what the rule means and what to do. */
  readonly help: string;
}

const RULES: ReadonlyMap<string, RuleDescription> = new Map<string, RuleDescription>([
  [
    "schema",
    rule(
      "Not valid by its schema",
      "The object does not fit the schema of its kind, so the cluster would refuse it or drop the field. Correct the field that is named.",
    ),
  ],
  [
    "missing-schema",
    rule(
      "No schema known",
      "No schema is known for this kind and version, so it could not be validated. Correct the apiVersion, add the CustomResourceDefinition, or name a schema location in the config.",
    ),
  ],
  ["yaml-syntax", rule("Not readable as YAML", "The file is not valid YAML. Correct it at the line that is named.")],
  [
    "duplicate-key",
    rule("Duplicate key", "One mapping holds the same key twice; only one of the two takes effect. Remove the other."),
  ],
  [
    "duplicate-resource",
    rule(
      "Duplicate resource",
      "Two objects of one app have the same kind, namespace and name; one overwrites the other. Rename or remove one.",
    ),
  ],
  [
    "api-removed",
    rule(
      "API removed",
      "This API version does not exist in the target Kubernetes version. Move to the version that replaced it.",
    ),
  ],
  [
    "api-deprecated",
    rule(
      "API deprecated",
      "This API version goes away in a later Kubernetes version. Move to the version that replaces it.",
    ),
  ],
  [
    "failure/render",
    rule("App does not render", "The app's own files cannot be rendered. Correct what the message names."),
  ],
  [
    "failure/schema-compile",
    rule("Schema does not compile", "A schema in the repository or the config is itself invalid. Correct the schema."),
  ],
  [
    "failure/outside-repository",
    rule(
      "Path leaves the repository",
      "A path or link leads out of the repository or in a circle. Keep inputs inside the repository.",
    ),
  ],
  [
    "failure/remote-input",
    rule(
      "Remote input not fetched",
      "A base, chart, schema or values file would have to be fetched. Vendor it, or accept it in the config.",
    ),
  ],
  [
    "failure/missing-dependency",
    rule(
      "Chart dependency missing",
      "A dependency of the chart is not in its charts/ directory. Vendor it, or accept it in the config.",
    ),
  ],
  ["failure/submodule", rule("Input in a submodule", "An input lies in a git submodule, which is not read.")],
  ["failure/lfs", rule("Input in Git LFS", "An input is a Git LFS pointer; its content is not in the repository.")],
  [
    "failure/plugin",
    rule(
      "Plugin not run",
      "The app needs a plugin or function. Plugins are never run on the content of a pull request.",
    ),
  ],
  ["failure/limit", rule("Limit exceeded", "Rendering the app took more time, memory or output than is allowed.")],
  [
    "failure/engine",
    rule("Engine failed", "The engine itself failed on this app. This is a fault of Drydock; please report it."),
  ],
]);

function rule(title: string, help: string): RuleDescription {
  return { title, help };
}

/** What a rule is about. An id without a text of its own reads as its words. */
export function describeRule(id: string): RuleDescription {
  const known = RULES.get(id);
  if (known !== undefined) return known;
  const words = id.replaceAll(/[-_/]+/gu, " ").trim();
  const title = words === "" ? "Finding" : `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  return { title, help: `${title}. The message of each result says what to do.` };
}
