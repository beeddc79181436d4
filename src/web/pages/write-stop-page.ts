import type { AccountStops, KeptStop } from "../../jobs/ports.ts";
import { type Markup, markup } from "../../report/html/markup.ts";
import { writeMoment } from "../../report/index.ts";

const HOUR = 3_600_000;

/** When a stop that the page sets ends, by the name of the choice. */
export const DURATIONS: ReadonlyMap<string, { readonly words: string; readonly milliseconds: number | undefined }> =
  new Map([
    ["open", { words: "when somebody lifts it", milliseconds: undefined }],
    ["2h", { words: "after 2 hours", milliseconds: 2 * HOUR }],
    ["24h", { words: "after 24 hours", milliseconds: 24 * HOUR }],
    ["7d", { words: "after 7 days", milliseconds: 7 * 24 * HOUR }],
  ]);

/** What stands for an account, with the button that stops everything of it. */
export function writeStopPage({ account, stops }: AccountStops, problem: string | undefined): Markup {
  const path = `/stops/${account}`;
  return markup`<main id="main" class="words" tabindex="-1">
<h1>Stop everything of ${account}</h1>
${problem === undefined ? undefined : markup`<p role="alert">Nothing was changed: ${problem}.</p>\n`}
${stops.length === 0 ? markup`<p>Nothing is stopped.</p>` : markup`<ul>${stops.map((stop) => writeStop(stop, path))}</ul>`}
<p>While everything is stopped, no pull request to a repository of ${account} passes that changes anything that deploys.
Open ones are judged again at once.</p>
<form class="form" method="post" action="${path}">
<label for="reason">Why</label>
<input type="text" id="reason" name="reason" maxlength="300" autocomplete="off" aria-describedby="reason-hint" />
<p class="hint" id="reason-hint">Shown on every pull request that it stops.</p>
<fieldset>
<legend>It ends</legend>
${[...DURATIONS].map(
  ([name, { words }], index) =>
    markup`<label><input type="radio" name="duration" value="${name}"${index === 0 ? markup` checked` : undefined} /> ${words}</label>\n`,
)}</fieldset>
<button type="submit">Stop everything of ${account}</button>
</form>
</main>`;
}

function writeStop({ id, place, by, reason, since, until }: KeptStop, path: string): Markup {
  const who = by === undefined ? "" : ` by ${by.login}`;
  const end = until === undefined ? "" : ` until ${writeMoment(until)}`;
  const words = `Everything is frozen${who} since ${writeMoment(since)}${end}${reason === "" ? "." : `: ${reason}`}`;
  const lift =
    place.installationId === undefined
      ? markup` Whoever runs this server lifts it.`
      : markup`<form method="post" action="${path}/lift"><input type="hidden" name="id" value="${id}" /><button type="submit">Lift</button></form>`;
  return markup`<li>${words}${lift}</li>\n`;
}
