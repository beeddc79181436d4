import type { SourceLocation } from "../model/index.ts";
import type { SourceDocument } from "./source-file.ts";

/** Reads a file of the tree as text; undefined when there is none, or it is no text. */
export type ReadText = (file: string) => string | undefined;

/** Documents of a file, cut once; none when the file cannot be read. */
export type OpenFile = (file: string) => readonly SourceDocument[];

export function atOffset(file: string, document: SourceDocument, offset: number): SourceLocation {
  const { line, column } = document.positionAt(offset);
  return { file, line, endLine: line, column };
}

/** The next coarser level: the file is known and the line is not. */
export function atFile(file: string): SourceLocation {
  return { file, line: undefined, endLine: undefined, column: undefined };
}
