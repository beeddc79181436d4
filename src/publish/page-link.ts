/** A link to a page of ours. Undefined for an address that is none, so that nothing else can be written as one. */
export function linkPage(label: string, pageUrl: string | undefined): string | undefined {
  if (pageUrl === undefined || !URL.canParse(pageUrl)) return undefined;
  const { protocol, href } = new URL(pageUrl);
  if (protocol !== "https:" && protocol !== "http:") return undefined;
  // What would end a Markdown destination early; URLs are the same with it encoded.
  return `[${label}](${href.replaceAll(/[()<>\\`\s]/gu, encodeCharacter)})`;
}

function encodeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

/** For a report that was shortened. */
export function sayWhereAllIs(pageUrl: string | undefined): string {
  const link = linkPage("the full report", pageUrl);
  return link === undefined ? "`drydock check` shows everything." : `Everything is in ${link}.`;
}
