import type { AgentObject, App } from "../model/index.ts";
import type { ReportFormat } from "../report/index.ts";
import type { DecisionOutput, ExplainRequest, SimulateRequest } from "./decision-commands.ts";
import type { FreezeRequest } from "./freeze-command.ts";
import type { PolicyDoor } from "./policy-command.ts";

export interface CheckRequest {
  readonly repo: string;
  readonly base?: string;
  readonly head?: string;
  readonly worktree?: true;
  /** False with `--no-merge`. */
  readonly merge: boolean;
  readonly all?: true;
  readonly config?: string;
  /** A clone of the organization's `.github` repository. */
  readonly organization?: string;
  readonly format: ReportFormat;
  readonly output?: string;
  readonly kubernetesVersion?: string;
  readonly jobs?: number;
  readonly allowHost?: readonly string[];
  /** False with `--no-cache`. */
  readonly cache: boolean;
  readonly stats?: true;
}

export interface Presentation {
  readonly width: number;
  readonly color: boolean;
}

export interface CheckOutput {
  readonly text: string;
  readonly exitCode: 0 | 1 | 2;
  readonly stats: string;
}

export interface RenderRequestOptions {
  readonly app: string;
  readonly repo: string;
  readonly ref: string;
  readonly kubernetesVersion?: string;
  readonly showSecrets?: true;
}

export interface AppsRequest {
  readonly repo: string;
  readonly ref: string;
  readonly format: "text" | "json";
}

export interface AppsOutput {
  readonly apps: readonly App[];
  readonly agents: readonly AgentObject[];
  readonly notes: readonly string[];
}

export interface ConfigRequest {
  readonly action: "init" | "validate" | "migrate";
  readonly repo: string;
}

export interface DemoRequest {
  /** Where the sample repository is kept. */
  readonly directory?: string;
  /** Ends when every gate is known, instead of serving on. */
  readonly isOnce: boolean;
  readonly color: boolean;
}

export interface DoctorRequest {
  /** `OWNER/NAME`: of all repositories, this one alone. */
  readonly repository?: string;
  /** Address of a pull request. */
  readonly pr?: string;
  readonly format: "text" | "json";
}

export type ReportProgress = (done: number, total: number) => void;

/** What the commands do, as the composition root wires it. Each rejects with a UsageError or a Fault. */
export interface Doors {
  readonly version: string;
  check(request: CheckRequest & Presentation, onProgress: ReportProgress): Promise<CheckOutput>;
  render(request: RenderRequestOptions): Promise<string>;
  apps(request: AppsRequest): Promise<AppsOutput>;
  config(request: ConfigRequest): Promise<{ readonly text: string; readonly exitCode: 0 | 1 }>;
  readonly policy: PolicyDoor;
  /** Says how a pull request stands by the rules of environments, as far as a clone and a file of facts tell. */
  explain(request: ExplainRequest): Promise<DecisionOutput>;
  /** Decides over facts from a file. */
  simulate(request: SimulateRequest): Promise<DecisionOutput>;
  demo(request: DemoRequest, print: (text: string) => void): Promise<0 | 1>;
  /** Runs the GitHub App until the process is told to end. */
  serve(print: (text: string) => void): Promise<0>;
  /** Says what is wrong with the App's installation; exit status 1 when something is. */
  doctor(
    request: DoctorRequest & { readonly width: number },
  ): Promise<{ readonly text: string; readonly exitCode: 0 | 1 }>;
  /** Has the running server stop everything, or lift that; tells what it did. */
  freeze(request: FreezeRequest): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
}
