/** What is known of one built-in API over time. Minors are written `1.36`. */
export interface ApiLifecycle {
  /** The bundled minors whose OpenAPI has it. Empty for what is long gone. */
  readonly minors: readonly string[];
  /** Undefined where no path tells. */
  readonly namespaced?: boolean;
  readonly introduced?: string;
  readonly deprecated?: string;
  /** The first minor that does not have it; may lie ahead. */
  readonly removed?: string;
  /** `<group>/<version>/<kind>`; may itself be removed by now. */
  readonly replacement?: string;
}

/** Keyed by `<group>/<version>/<kind>`, the core group being the empty string: `/v1/Pod`. */
export type ApiLifecycles = ReadonlyMap<string, ApiLifecycle>;

/** Where objects of a kind live; undefined when nothing is known of the kind. */
export type Scope = "namespaced" | "cluster" | undefined;

/** Answers for built-in kinds and for those that CRDs of the same side define. */
export type ScopeOf = (group: string, kind: string) => Scope;
