import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { StoredReport } from "../jobs/ports.ts";

const compress = promisify(gzip);
const expand = promisify(gunzip);

export interface CompressedReport {
  readonly body: Uint8Array;
  readonly json: Uint8Array;
}

/** Done before the transaction begins: a large report must not hold rows. */
export async function compressReport(report: StoredReport | undefined): Promise<CompressedReport | undefined> {
  if (report === undefined) return undefined;
  return { body: await compress(report.body), json: await compress(report.json) };
}

export async function expandText(bytes: Uint8Array | null): Promise<string | undefined> {
  return bytes === null ? undefined : (await expand(bytes)).toString("utf8");
}
