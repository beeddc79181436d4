import type { ServerResponse } from "node:http";

/** Answers with a page that has a heading, no style and no script. `body` is HTML. */
export function sendPlainPage(response: ServerResponse, status: number, title: string, body: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'",
  });
  const heading = escapeHtml(title);
  response.end(`<!doctype html><html lang="en"><title>${heading}</title><h1>${heading}</h1>${body}</html>`);
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => `&#${character.codePointAt(0) ?? 0};`);
}
