import type { Json } from "./shapes/json.ts";

/** Something that Apps are told: one event of GitHub's, before it is known who hears it. */
export interface Announcement {
  readonly event: string;
  readonly action: string | undefined;
  /** Without `installation`, which is each hearer's own. A promise where commits are read from git. */
  readonly payload: Json | Promise<Json>;
  readonly to: { readonly kind: "repository" | "installation" | "account"; readonly id: number };
  /** The one App that is asked to do something. */
  readonly appId?: number | undefined;
}
