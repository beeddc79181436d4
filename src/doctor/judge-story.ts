import { advice, ok, problem, spanOf, type Diagnosis } from "./diagnosis.ts";
import type { Story } from "./server-answers.ts";

/** Seconds that a result may take before something is wrong. */
const LONGEST_WAIT = 600;
const TOPIC = "pull-request";

/**
 * What is wrong with one pull request, by what the server remembers of it. `story` is undefined when the server knows no
 * such repository; `mayComment` is false where the permission for it is absent, which is said elsewhere. Pure.
 */
export function judgeStory(story: Story | undefined, now: number, mayComment = true): readonly Diagnosis[] {
  const { state, deliveries = [] } = story ?? {};
  if (story === undefined || state === undefined) {
    const what = story === undefined ? "repository" : "pull request";
    const heard = deliveries.length === 0 ? "" : ", though deliveries came for it";
    const remedy =
      "See whether the App is installed there and webhooks arrive; the server looks for missed ones itself.";
    return [problem(TOPIC, `The server does not know this ${what}${heard}.`, remedy)];
  }
  const found = [...judgeState(state, now), ...judgeWork(story, now, mayComment)];
  return found.length > 0 ? found : [ok(TOPIC, "Nothing is wrong with this pull request as far as the server knows.")];
}

function judgeState(state: NonNullable<Story["state"]>, now: number): readonly Diagnosis[] {
  const { accessLost, waitingSince, isOpen, isQuiet } = state;
  const waited = waitingSince === undefined ? 0 : (now - Date.parse(waitingSince)) / 1000;
  return [
    ...(accessLost === undefined
      ? []
      : [
          problem(
            TOPIC,
            `The App lost its access to this repository (${accessLost}).`,
            "Give the repository to the App again.",
          ),
        ]),
    ...(isOpen ? [] : [ok(TOPIC, "The server knows it as closed, and checks it no more.")]),
    ...(isOpen && waited >= LONGEST_WAIT
      ? [
          problem(
            TOPIC,
            `It has waited ${spanOf(waited)} for its result.`,
            "See its jobs and their last fault, and the server's log.",
          ),
        ]
      : []),
    ...(isOpen && isQuiet
      ? [
          advice(
            TOPIC,
            "It was opened before the App was installed, so it gets checks alone.",
            "Push to it, or comment `/drydock check`, for comment, review and labels.",
          ),
        ]
      : []),
  ];
}

function judgeWork(story: Story, now: number, mayComment: boolean): readonly Diagnosis[] {
  const unread = story.deliveries.find((delivery) => delivery.problem !== undefined);
  const failed = findLastFault(story);
  const gaveUp = findGivenUp(story);
  const refused = story.outgoing.find(
    ({ refused: why, kind }) => why !== undefined && (mayComment || kind === "check"),
  );
  const paused = story.writesPausedUntil;
  return [
    ...(unread === undefined
      ? []
      : [
          problem(
            TOPIC,
            `A delivery (${unread.event}) could not be read: ${unread.problem ?? ""}.`,
            "Report it as a bug, with the event's name.",
          ),
        ]),
    ...(failed === undefined
      ? []
      : [
          problem(
            TOPIC,
            `Its last job failed: ${failed}`,
            "It is tried again by itself, later each time; after the last attempt the check says so.",
          ),
        ]),
    ...(gaveUp === undefined
      ? []
      : [
          problem(
            TOPIC,
            `Its check was given up: ${gaveUp}`,
            "Mend the cause, then press Re-run or comment `/drydock check`.",
          ),
        ]),
    ...(refused === undefined
      ? []
      : [
          problem(
            TOPIC,
            `GitHub refuses the ${refused.kind}: ${refused.refused ?? ""}`,
            "It is written again when its content or the permissions change.",
          ),
        ]),
    ...(paused === undefined || Date.parse(paused) <= now
      ? []
      : [
          advice(
            TOPIC,
            `GitHub asked for silence for ${spanOf((Date.parse(paused) - now) / 1000)}: what is to be written waits.`,
            "Nothing has to be done.",
          ),
        ]),
  ];
}

/** Why it was given up, unless a later check has said something since. */
function findGivenUp({ troubles, results }: Story): string | undefined {
  const last = troubles.find(({ what }) => what === "gave-up");
  if (last === undefined || results.some(({ judgedAt }) => judgedAt > last.at)) return undefined;
  const { detail } = last;
  const isTold = typeof detail === "object" && detail !== null && "message" in detail;
  return isTold && typeof detail.message === "string" ? detail.message : "the server's log says why";
}

/** The fault of the newest job that has one and did not end well. */
function findLastFault({ tasks }: Story): string | undefined {
  return tasks.find(({ lastFault, state }) => lastFault !== undefined && state !== "completed")?.lastFault;
}
