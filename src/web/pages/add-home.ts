import { markup } from "../../report/html/markup.ts";
import type { Visitors } from "../visitors.ts";
import type { WebApp } from "../web-app.ts";
import type { SendPage } from "./add-pages.ts";
import { writeWords } from "./write-page.ts";

export interface HomeParts {
  readonly visitors: Visitors;
  readonly send: SendPage;
  readonly isSignInReady: boolean;
}

/** The first page: what this is, and where reports are found. It names no repository. */
export function addHome(app: WebApp, { visitors, send, isSignInReady }: HomeParts): void {
  app.get("/", async (context) => {
    const visitor = await visitors.read(context);
    const body = writeWords("Drydock", [
      "Drydock says what a pull request to a GitOps config repository would really deploy: it renders both sides, validates what comes out and shows the difference.",
      markup`Its answers stand on the pull requests themselves. The checks there lead to pages of this server, one for each
pull request: <code>/OWNER/REPOSITORY/pull/NUMBER</code>.`,
      describeAccess(isSignInReady, visitor !== undefined),
      ...(visitor === undefined
        ? []
        : [
            markup`Whoever administers an organisation's <code>.github</code> repository can stop every change of all of its
repositories: <code>/stops/ORGANISATION</code>.`,
          ]),
    ]);
    return await send(context, 200, visitor, { title: "Welcome", body });
  });
}

function describeAccess(isSignInReady: boolean, isSignedIn: boolean): string {
  if (!isSignInReady) return "Signing in is not set up on this server, so private reports are read on GitHub alone.";
  return isSignedIn
    ? "You see the reports of every repository that you can read on GitHub."
    : "A report is shown to those who can read its repository on GitHub. Sign in, so that Drydock can ask.";
}
