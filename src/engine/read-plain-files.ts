import { isUtf8 } from "node:buffer";
import type { Failure, FailureKind } from "../model/index.ts";
import type { AppFiles } from "./app-files.ts";
import type { SourceText } from "./decoded-document.ts";
import { REPLY } from "./lookup-reply.ts";
import type { Step } from "./render-app.ts";

/** Files asked for in one go, so that one answer stays small. */
const BATCH = 256;
/** Linux follows as many links. */
const LINK_HOPS = 40;

/** Reads manifest files as they stand. A file that is missing, unreadable or no text is the Failure of the app. */
export function readPlainFiles(paths: readonly string[], files: AppFiles): Step<readonly SourceText[]> {
  const texts: SourceText[] = [];
  for (let start = 0; start < paths.length; start += BATCH) {
    const batch = paths.slice(start, start + BATCH);
    const replies = files.lookupAll(batch);
    for (const [index, path] of batch.entries()) {
      const text = readText(path, followLinks(replies[index], files));
      if (text.kind === "failed") return text;
      texts.push({ yaml: text.result, file: path });
    }
  }
  return { kind: "ok", result: texts };
}

function followLinks(first: Uint8Array | undefined, files: AppFiles): Uint8Array {
  let reply = first ?? new Uint8Array([REPLY.absent]);
  for (let hops = 0; reply[0] === REPLY.link && hops < LINK_HOPS; hops++) {
    reply = files.lookup(Buffer.from(reply.subarray(1)).toString("utf8"));
  }
  return reply;
}

function readText(path: string, reply: Uint8Array): Step<string> {
  const content = reply.subarray(1);
  switch (reply[0]) {
    case REPLY.file:
      return decodeText(path, content);
    case REPLY.error: {
      const { kind, message } = JSON.parse(Buffer.from(content).toString("utf8")) as Failure;
      return fail(kind, message, path);
    }
    default:
      return fail("render", "This file is not there, or is a directory.", path);
  }
}

/** YAML is UTF-8 or, with a byte order mark, UTF-16. Anything else would be read as other characters than it holds. */
function decodeText(path: string, content: Uint8Array): Step<string> {
  const [first, second] = content;
  if (first === 0xff && second === 0xfe) return { kind: "ok", result: new TextDecoder("utf-16le").decode(content) };
  if (first === 0xfe && second === 0xff) return { kind: "ok", result: new TextDecoder("utf-16be").decode(content) };
  const text = Buffer.from(content).toString("utf8");
  if (isUtf8(content)) return { kind: "ok", result: text };
  const line = text.slice(0, text.indexOf("\ufffd")).split("\n").length;
  return fail("render", "This is not valid YAML: it holds bytes that are not UTF-8.", path, line);
}

function fail(kind: FailureKind, message: string, file: string, line?: number): Step<never> {
  return {
    kind: "failed",
    failure: { kind, message, location: { file, line, endLine: undefined, column: undefined } },
  };
}
