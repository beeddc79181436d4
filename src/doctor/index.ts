export { askStops, askToLift, askToStop, type ServerStop } from "./ask-stops.ts";
export { askOverview, askStory, type ServerWay } from "./ask-server.ts";
export { callWebhook } from "./call-webhook.ts";
export { parsePullUrl, writeExamination, type Examination } from "./examine.ts";
export type { ServerAnswer } from "./facts.ts";
export { gatherFacts } from "./gather-facts.ts";
export { isOwnQuestion } from "./sign-question.ts";
