import { type Markup, markup } from "../../report/html/markup.ts";
import { writeWords } from "../pages/write-page.ts";

/** Asks for the token of the log. */
export function writeTokenPage(problem?: string): Markup {
  const form = markup`<form class="form" method="post" action="/setup/token">
<label for="token">Token from the server's log</label>
<p><input id="token" name="token" type="password" autocomplete="off" required /></p>
<p><button type="submit">Continue</button></p>
</form>`;
  const words = [
    ...(problem === undefined ? [] : [markup`<strong role="alert">${problem}</strong>`]),
    "This server is running and has no GitHub App yet. The next pages make one.",
    "So that only its operator can do this, the server wrote a token to its log when it started. It works once, for an hour; restarting the server makes a new one.",
  ];
  return writeWords("Set up Drydock", words, form);
}

/** Asks who the App is for, what it may do, and where GitHub reaches this server. */
export function writeChoicePage(address: string, isAddressFixed: boolean, problem?: string): Markup {
  const form = markup`<form class="form" method="post" action="/setup/app">
<label for="owner">Organisation that the App will belong to</label>
<input id="owner" name="owner" type="text" maxlength="39" autocomplete="off" spellcheck="false" aria-describedby="owner-hint" />
<p id="owner-hint" class="hint">Empty for your own account. The App can be installed there alone.</p>
<fieldset>
<legend>What the App may do</legend>
<label><input type="radio" name="set" value="full" checked /> <strong>Full</strong>: checks, a comment with the rendered
changes, review comments, labels, and commands in comments. Reads contents; writes checks, pull requests and issues.</label>
<label><input type="radio" name="set" value="checks only" /> <strong>Checks only</strong>: checks and their pages. Reads
contents and pull requests; writes checks.</label>
<p class="hint">Both ask for commit statuses as well: GitHub lets a required check be pinned to an App only if it has them.
Neither can write contents or see a cluster.</p>
</fieldset>
<label for="url">Address of this server</label>
<input id="url" name="url" type="url" required value="${address}" aria-describedby="url-hint"${isAddressFixed ? markup` readonly` : undefined} />
<p id="url-hint" class="hint">GitHub sends webhooks to it, and browsers open reports there.${isAddressFixed ? " It is PUBLIC_URL of this server." : undefined}</p>
<p><button type="submit">Continue</button></p>
</form>`;
  const words = problem === undefined ? [] : [markup`<strong role="alert">${problem}</strong>`];
  return writeWords("Which App do you need?", words, form);
}

export interface HandOver {
  readonly action: string;
  readonly manifest: string;
  readonly place: string;
  /** Where this server is, when GitHub is elsewhere and cannot reach it. */
  readonly unreachable: string | undefined;
}

/** The form that GitHub takes; it shows what was chosen once more and asks for a name. */
export function writeHandOverPage({ action, manifest, place, unreachable }: HandOver): Markup {
  const form = markup`<form class="form" method="post" action="${action}">
<input type="hidden" name="manifest" value="${manifest}" />
<p><button type="submit">Create the App on GitHub</button></p>
</form>`;
  const steps = markup`<ol>
<li>GitHub shows the App and asks for its name.</li>
<li>GitHub sends you back here with a code, which this server exchanges for the App's key and secrets.</li>
<li>They are written to <code>${place}</code>, readable by the server's user alone, and shown nowhere.</li>
<li>You choose on GitHub which repositories the App is installed on. Drydock starts by itself.</li>
</ol>`;
  const warning = markup`<strong>GitHub cannot reach ${unreachable}</strong>: its webhooks will not come, and Drydock looks
for what they would have told every two minutes instead. Going <a href="/">back</a>, you can give an address that GitHub
reaches, or a tunnel's; it can be changed in the App's settings too.`;
  const words = ["This is what happens next:"];
  return writeWords("Create the App", unreachable === undefined ? words : [warning, ...words], markup`${steps}${form}`);
}

const FAILURES: ReadonlyMap<string, string> = new Map([
  ["expired", "The set-up took longer than an hour, or went on in another browser. Begin again."],
  ["storage", "The server cannot write to its data directory, or there is an App in it already. Its log says which."],
  ["refused", "GitHub did not accept its own code: it was used before, or is older than an hour. Begin again."],
  ["away", "GitHub could not be reached. Begin again in a minute; remove the App that GitHub just made."],
  ["lost", "The App was made, but its secrets could not be written. Remove it on GitHub, then begin again."],
]);

export function writeSetupFailure(why: string | undefined): Markup {
  const words = FAILURES.get(why ?? "") ?? "The set-up did not come to its end.";
  return writeWords("The App is not set up", [words, markup`<a href="/">Begin again</a>`]);
}
