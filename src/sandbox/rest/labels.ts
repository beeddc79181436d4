import { invalid, notFound } from "../http/answer.ts";
import { actorOf, issueOf, repositoryOf, textOf, type Call, type Handlers } from "../http/call.ts";
import { listAnswer } from "../http/pages.ts";
import { shapeLabel } from "../shapes/index.ts";
import type { Issue } from "../world/entities.ts";
import { addLabel, createLabel, findIssue, findLabel, labelsOf, removeLabel, select } from "../world/index.ts";
import { countCharacters } from "./count-characters.ts";

const MOST_LABELS = 100;
const LONGEST_NAME = 50;
const LONGEST_DESCRIPTION = 100;

export const labelHandlers: Handlers = {
  "issues/create-label": (call) => {
    const repository = repositoryOf(call);
    const name = textOf(call.body, "name") ?? "";
    const color = textOf(call.body, "color") ?? "ededed";
    const description = textOf(call.body, "description");
    if (findLabel(call.world, repository, name) !== undefined) throw invalid("Label", "name", "already_exists");
    if (name === "" || countCharacters(name) > LONGEST_NAME) throw invalid("Label", "name", "invalid");
    if (!/^[0-9a-f]{6}$/iu.test(color)) throw invalid("Label", "color", "invalid");
    if (countCharacters(description ?? "") > LONGEST_DESCRIPTION) throw invalid("Label", "description", "invalid");
    const label = createLabel(call.world, actorOf(call), repository, { name, color, description });
    return { status: 201, body: shapeLabel(call.world, label) };
  },
  "issues/get-label": (call) => {
    const label = findLabel(call.world, repositoryOf(call), call.parameters["name"] ?? "");
    if (label === undefined) throw notFound();
    return { status: 200, body: shapeLabel(call.world, label) };
  },
  "issues/list-labels-for-repo": (call) => {
    const { id } = repositoryOf(call);
    const labels = select(call.world, "labels", (one) => one.repositoryId === id);
    return listAnswer(call, labels, (label) => shapeLabel(call.world, label));
  },
  "issues/list-labels-on-issue": (call) => {
    const labels = labelsOf(call.world, issueOf(call, repositoryOf(call), "read"));
    return listAnswer(call, labels, (label) => shapeLabel(call.world, label));
  },
  "issues/add-labels": (call) => {
    const issue = issueOf(call, repositoryOf(call), "write");
    for (const name of namesOf(call)) addLabel(call.world, actorOf(call), issue, name);
    return { status: 200, body: labelsNow(call, issue) };
  },
  "issues/remove-label": (call) => {
    const issue = issueOf(call, repositoryOf(call), "write");
    const isRemoved = removeLabel(call.world, actorOf(call), issue, call.parameters["name"] ?? "");
    if (!isRemoved) throw notFound();
    return { status: 200, body: labelsNow(call, issue) };
  },
};

function namesOf({ body }: Call): readonly string[] {
  const names = (body["labels"] ?? (Array.isArray(body) ? body : [])) as readonly unknown[];
  const texts = names.filter((name) => typeof name === "string");
  if (texts.length !== names.length || texts.length > MOST_LABELS) throw invalid("Issue", "labels", "invalid");
  return texts;
}

function labelsNow({ world }: Call, { repositoryId, number }: Issue): unknown {
  const issue = findIssue(world, { id: repositoryId }, number);
  return issue === undefined ? [] : labelsOf(world, issue).map((label) => shapeLabel(world, label));
}
