import assert from "node:assert/strict";
import { test } from "node:test";
import { nameFromRemote } from "../../../src/git/repository-name.ts";

const NAMES: readonly (readonly [url: string, name: string | undefined])[] = [
  ["https://github.com/acme/config.git", "acme/config"],
  ["https://user:ghp_secret@github.com/acme/config", "acme/config"],
  ["https://github.example.com:8443/acme/config/", "acme/config"],
  ["git@github.com:acme/config.git", "acme/config"],
  ["ssh://git@github.com:22/acme/config.git", "acme/config"],
  ["git@gitlab.com:group/sub/config.git", "group/sub/config"],
  ["github.com:acme/con.fig", "acme/con.fig"],
  ["https://github.com/acme/config?token=secret", "acme/config"],
  ["https://github.com/acme/con\u001bfig", undefined],
  ["https://github.com/acme/<script>", undefined],
  ["https://github.com/", undefined],
  ["/srv/git/config.git", undefined],
  ["../config", undefined],
  ["file:///srv/git/config.git", undefined],
  ["C:\\repositories\\config", undefined],
  ["ext::sh -c touch% /tmp/x", undefined],
  ["", undefined],
];

for (const [url, name] of NAMES) {
  test(`the name of ${JSON.stringify(url)} is ${name ?? "not known"}`, () => assert.equal(nameFromRemote(url), name));
}
