import { nameCommand, type Lane, type Outgoing } from "../model/index.ts";
import { hashJson } from "./encode-json.ts";

/** Which one of its kind a thing is: the newer wish for a slot takes the older one's place. */
export function slotOf(outgoing: Outgoing): string {
  switch (outgoing.kind) {
    case "check":
      return `${outgoing.headSha}/${outgoing.check.name}`;
    case "comment":
      return `${outgoing.number}/${outgoing.index}`;
    case "review":
    case "merge":
      return `${outgoing.number}`;
    case "labels":
      return outgoing.of === undefined ? `${outgoing.number}` : `${outgoing.number}/${outgoing.of}`;
    case "reaction":
      return nameCommand(outgoing);
    case "answer":
      return `${outgoing.number}/${outgoing.to}`;
    default:
      return outgoing satisfies never;
  }
}

/** What a reader would see of it. The commit of a review is not: the same threads on a new head need no write. */
export function hashOutgoing(outgoing: Outgoing): string {
  return hashJson(outgoing.kind === "review" ? outgoing.review : outgoing);
}

/** GitHub's limits make writes scarce: what a merge waits for goes first. Rests, and what nobody waits for, come last. */
export const RANK_OF_REST = 5;

export function rankOf(outgoing: Outgoing): number {
  switch (outgoing.kind) {
    case "check":
      if (outgoing.check.state === "cancelled") return RANK_OF_REST;
      return outgoing.check.name === "drydock" ? 0 : 1;
    // Behind the checks of its head, which GitHub may wait for.
    case "merge":
      return 1;
    case "comment":
    case "answer":
    case "reaction":
      return 2;
    case "review":
      return 3;
    case "labels":
      return isWithdrawal(outgoing) ? 1 : 4;
    default:
      return outgoing satisfies never;
  }
}

type LabelsOutgoing = Extract<Outgoing, { kind: "labels" }>;

/** What agents may have picked up by now goes with the checks that say why. */
function isWithdrawal(outgoing: LabelsOutgoing): boolean {
  return outgoing.labels.length === 0 || bearsUnwanted(outgoing);
}

/** Whether a pull request was seen with a label that is not to stand on it. */
export function bearsUnwanted({ labels, standing = [] }: LabelsOutgoing): boolean {
  const wanted = new Set(labels.map(({ name }) => name.toLowerCase()));
  return standing.some((name) => !wanted.has(name.toLowerCase()));
}

/** Whether a pull request was seen without a label that is to stand on it. */
export function lacksWanted({ labels, standing }: LabelsOutgoing): boolean {
  const there = new Set(standing?.map((name) => name.toLowerCase()));
  return standing !== undefined && labels.some(({ name }) => !there.has(name.toLowerCase()));
}

export const ORDER_OF_LANE: Readonly<Record<Lane, number>> = { groups: 0, people: 1, bots: 2 };
