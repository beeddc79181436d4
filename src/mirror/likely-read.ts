/** What manifests, charts and generators are made of. */
const EXTENSIONS = [
  ...["yaml", "yml", "json", "tpl", "gotmpl", "tmpl", "txt", "env", "properties", "conf", "cfg", "ini", "toml", "xml"],
  ...["sh", "sql", "lua", "rules", "rego", "hcl", "star", "alloy", "ldif", "crt", "pem"],
];
const NAMES = ["Kustomization", ".helmignore"];

const LIKELY = new RegExp(
  `(?:^|/)(?:${NAMES.map((name) => name.replaceAll(".", "\\.")).join("|")}|[^/]*\\.(?:${EXTENSIONS.join("|")}))$`,
  "iu",
);

/** Whether a check is likely to read a file of this path: then it is brought before anybody asks for it. */
export function isLikelyRead(path: string): boolean {
  return LIKELY.test(path);
}

/** The same for git, as pathspecs (gitglossary(7)). */
export const LIKELY_READ: readonly string[] = [
  ...NAMES.map((name) => `:(glob,icase)**/${name}`),
  ...EXTENSIONS.map((extension) => `:(glob,icase)**/*.${extension}`),
];
