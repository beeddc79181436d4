import type { RuleLevel } from "../config/index.ts";
import type { FieldPath, KubernetesVersion, Level, Manifest, ManifestMap } from "../model/index.ts";
import type { Offer } from "./offers.ts";

/** A resource as rules see it. Secret values are `SealedValue`s: rules know that they are there and nothing else. */
export interface PolicyObject {
  readonly manifest: Manifest;
  /** The decoded manifest. */
  readonly value: ManifestMap;
}

/** What a rule says of one resource, before level, exceptions and line. Holds no secret value. */
export interface PolicyHit {
  readonly manifest: Manifest;
  /** The field it is about; empty for the resource as a whole. */
  readonly path: FieldPath;
  /** One or two plain sentences: what is wrong and what to do. Names are quoted. */
  readonly message: string;
  /**
   * Names the finding within its resource in place of its field, where the field would name it badly: a position in a
   * list without keys (a capability, a rule of a role), or a field whose new value is a new finding (a host path).
   * Findings of equal rule, resource and key are the same on both sides of a change.
   */
  readonly key?: string;
}

/** What rules know beside the objects. */
export interface PolicyFacts {
  /** The version that the app is judged by, such as `1.36.3`. */
  readonly kubernetes: KubernetesVersion;
  readonly environment: string | undefined;
  /** Kinds as `<group>/<kind>` (core: `/<kind>`) that may create what a reference misses: the built-in ones and those of the config. */
  readonly creators: ReadonlySet<string>;
  /**
   * Whether another app that may be in the same cluster brings one of these. Asked last: apps are remembered with what
   * they asked for. Without it rules know their own app alone.
   */
  readonly isOffered?: (wishes: readonly Wish[]) => boolean;
  /** The same of the base, where the head is judged. */
  readonly wasOffered?: (wishes: readonly Wish[]) => boolean;
}

/** What one other app would have to bring, all of it. */
export type Wish = readonly Offer[];

/** How a rule is described wherever it is listed, explained or configured. */
export interface RuleDescription {
  /** Stable, kebab-case. */
  readonly id: string;
  /** A few words that head a group of its findings: `Images without a fixed tag`. */
  readonly title: string;
  /** Why it matters, one or two sentences. */
  readonly why: string;
  /** What to do, one or two sentences. */
  readonly fix: string;
  /** Where to read more: upstream's own documentation, https. */
  readonly link: string;
  /** The level under each preset. */
  readonly levels: { readonly default: RuleLevel; readonly baseline: RuleLevel; readonly strict: RuleLevel };
  /** The most it can be, whatever the config says: rules that know only a part of the cluster warn at most. */
  readonly most?: Level;
  /** Whether an annotation on the resource may except it (`drydock.dev/except`). */
  readonly isAnnotationEnough: boolean;
  /** The Drydock version that brought it: until the next major version it is at most a notice for who did not name it. */
  readonly since: string;
  /** The name of the option that the config gives it beside its level, if any: `allowed`, `kinds`, … */
  readonly options?: readonly string[];
  /** What the items of all its options can be, where they are words of the rule's own. */
  readonly optionValues?: readonly string[];
}

/** Options of a rule as the config gives them: lists of strings by name. */
export type RuleOptions = ReadonlyMap<string, readonly string[]>;

/** A rule that looks at one resource alone. */
export interface ObjectRule extends RuleDescription {
  readonly scope: "object";
  check(object: PolicyObject, facts: PolicyFacts, options: RuleOptions): Iterable<PolicyHit>;
}

/** A rule that looks at all resources of one app together. */
export interface AppRule extends RuleDescription {
  readonly scope: "app";
  /** Set where it asks what other apps bring (`PolicyFacts.isOffered`). */
  readonly asksOtherApps?: true;
  check(objects: readonly PolicyObject[], facts: PolicyFacts, options: RuleOptions): Iterable<PolicyHit>;
}

/** Something of which a cluster can have one, and which two resources must not both claim. */
export interface Claim {
  /** Equal keys collide. */
  readonly key: string;
  readonly path: FieldPath;
  /** What is claimed, as messages name it. */
  readonly what: string;
}

/** A rule about what several apps claim at once. Claims are remembered with an app, so that others are not opened. */
export interface ClaimRule extends RuleDescription {
  readonly scope: "repository";
  /** The kinds that claim, as `<group>/<kind>`: no other one is looked at. */
  readonly kinds: ReadonlySet<string>;
  claims(object: PolicyObject): Iterable<Claim>;
}

/** A rule whose findings an engine makes (Pod Security Standards, credentials, removed APIs): here it is only described. */
export interface EngineRule extends RuleDescription {
  readonly scope: "engine";
}

export type BuiltInRule = ObjectRule | AppRule | ClaimRule | EngineRule;
