export { askOverview, askStory, type ServerWay } from "./ask-server.ts";
export { callWebhook } from "./call-webhook.ts";
export { parsePullUrl, writeExamination, type Examination } from "./examine.ts";
export { gatherFacts } from "./gather-facts.ts";
export { isOwnQuestion } from "./sign-question.ts";
