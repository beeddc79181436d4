import { Buffer } from "node:buffer";
import type { MeasureText } from "../report/markdown/fold.ts";
import { countCodePoints } from "../report/visible-text.ts";

/** What GitHub takes, with some room: a body of a comment has at most 65,536 code points. */
export const COMMENT_LIMIT = 65_000;

/**
 * Summary and text of a check have at most 65,535 bytes, whatever the reference says of characters ("summary exceeds a
 * maximum bytesize of 65535", github/docs#35252).
 */
export const CHECK_LIMIT = 65_500;

/** What one verdict takes of that: it may have to stand below a few lines about others (see `combineVerdicts`). */
export const PART_LIMIT = 62_000;

/** A check's title, by the design; GitHub shows little more of it in its lists. */
export const TITLE_LIMIT = 60;

export const measureComment: MeasureText = countCodePoints;

/** Bytes of a text in UTF-8. */
export const measureCheck: MeasureText = (text) => Buffer.byteLength(text);
