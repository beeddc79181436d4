import type { AppId } from "./app.ts";

/** One thing of an app that is promoted: an image, a chart's version, a field that the config chose. */
export interface TrackedValue {
  readonly sort: "image" | "chart" | "field";
  /** Tells it from the others of its app: `image web of Deployment/web`, `chart web`, `Deployment/web spec.replicas`. */
  readonly what: string;
  /** Equal texts are equal content. */
  readonly value: string;
  /** What is told by it alone once its name is another: the image's repository, the chart's name. Empty for fields. */
  readonly kin: string;
}

/** An app as it stands in one tree, by what of it is tracked. */
export interface TrackedApp {
  readonly id: AppId;
  readonly environment: string | undefined;
  /** As in `AppReport`. */
  readonly places: readonly string[];
  /** Undefined where it did not render. */
  readonly values: readonly TrackedValue[] | undefined;
}

/** One path of a tree; equal values are equal content of the same sort. `gone` where there is nothing. */
export interface TrackedFile {
  readonly path: string;
  readonly value: string;
}

/** Where something stands: one environment on one branch. */
export interface StandingPlace {
  readonly repositoryId: number;
  readonly branch: string;
  readonly environment: string;
}

/** Something that stands there, and since when we have seen it there without a gap: epoch milliseconds. */
export interface StandingValue {
  readonly app: AppId;
  readonly what: string;
  readonly value: string;
  readonly since: number;
}
